import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { findUser, type User } from "../company.ts";
import { html, type PageReply, writeReply } from "../http/reply.ts";
import { readForm, RequestError } from "../http/request.ts";
import { acrMfa, acrPassword } from "../acr.ts";
import { strengthReasons } from "./acr.ts";
import { loginPage, messagePage, mfaPage } from "./pages.ts";

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

export interface InteractionOptions {
  readonly provider: Provider;
  readonly isRevoked: (username: string) => boolean;
  readonly log: (line: string) => void;
}

/** True when the request is for one of the sign-in pages, which this module answers. */
export const isInteraction = (request: IncomingMessage): boolean =>
  (request.url ?? "").startsWith("/interaction/");

/** The sign-in pages. Each answers with the next page, or hands the result back to oidc-provider. */
export const serveInteraction = async (
  options: InteractionOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  try {
    const reply = await step(options, request, response);
    if (reply !== undefined) writeReply(response, reply);
  } catch (error) {
    if (error instanceof RequestError) {
      writeReply(response, html(error.status, messagePage("That did not work", error.message)));
      return;
    }
    options.log(`A sign-in page failed: ${String(error)}`);
    writeReply(
      response,
      html(400, messagePage("This sign-in is over", "Go back to the editor and start to sign in again.")),
    );
  }
};

const step = async (
  options: InteractionOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<PageReply | undefined> => {
  const { provider } = options;
  const interaction = await provider.interactionDetails(request, response);
  const { pathname } = new URL(request.url ?? "/", provider.issuer);
  const action = `/interaction/${interaction.uid}`;
  if (pathname === `${action}/cancel`) {
    const result = { error: "access_denied", error_description: "The person cancelled the sign-in." };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return undefined;
  }
  if (interaction.prompt.name === "consent") {
    // Only who asks for it (`prompt=consent`, as for offline access) comes here; Acme has given it for its people.
    await provider.interactionFinished(request, response, { consent: {} }, { mergeWithLastSubmission: true });
    return undefined;
  }
  const outcome = asksForCodeOnly(interaction)
    ? await codeStep(options, interaction, request, action)
    : await passwordStep(options, interaction, request, action);
  if (outcome.kind === "page") return outcome.reply;
  // Session cookies only: whoever closes the browser is signed out of it.
  const login = { accountId: outcome.accountId, acr: outcome.acr, amr: [...outcome.amr], remember: false };
  await provider.interactionFinished(request, response, { login });
  return undefined;
};

type Outcome =
  | { readonly kind: "page"; readonly reply: PageReply }
  | {
      readonly kind: "signed-in";
      readonly accountId: string;
      readonly acr: string;
      readonly amr: readonly string[];
    };

/** The password is known and recent; only the strength is missing. */
const asksForCodeOnly = (interaction: Interaction): boolean =>
  interaction.session?.accountId !== undefined &&
  interaction.prompt.reasons.every((reason) => strengthReasons.includes(reason));

const passwordStep = async (
  { isRevoked }: InteractionOptions,
  interaction: Interaction,
  request: IncomingMessage,
  action: string,
): Promise<Outcome> => {
  const client = "Lanyard";
  const cancel = `${action}/cancel`;
  if (request.method !== "POST") {
    const hint = interaction.params["login_hint"];
    const username = typeof hint === "string" ? { username: hint } : {};
    return { kind: "page", reply: html(200, loginPage({ action, cancel, client, ...username })) };
  }
  const fields = await readForm(request);
  const username = (fields.get("username") ?? "").trim();
  const user = verified(username, fields.get("password") ?? "");
  if (user === undefined) {
    const problem = "The username or the password is wrong.";
    return { kind: "page", reply: html(401, loginPage({ action, cancel, client, username, problem })) };
  }
  if (isRevoked(user.username)) {
    const problem = "This account is closed. Ask the Acme IT desk.";
    return { kind: "page", reply: html(403, loginPage({ action, cancel, client, username, problem })) };
  }
  return { kind: "signed-in", accountId: user.username, acr: acrPassword, amr: ["pwd"] };
};

const verified = (username: string, password: string): User | undefined => {
  const user = findUser(username);
  return user?.password === password ? user : undefined;
};

const codeStep = async (
  { isRevoked }: InteractionOptions,
  interaction: Interaction,
  request: IncomingMessage,
  action: string,
): Promise<Outcome> => {
  const username = interaction.session?.accountId ?? "";
  const cancel = `${action}/cancel`;
  if (request.method !== "POST")
    return { kind: "page", reply: html(200, mfaPage({ action, cancel, username })) };
  const fields = await readForm(request);
  const user = findUser(username);
  const code = (fields.get("otp") ?? "").replaceAll(" ", "");
  if (user === undefined || code !== user.otp || isRevoked(username)) {
    const problem = "This code is wrong.";
    return { kind: "page", reply: html(401, mfaPage({ action, cancel, username, problem })) };
  }
  return { kind: "signed-in", accountId: username, acr: acrMfa, amr: ["pwd", "otp", "mfa"] };
};
