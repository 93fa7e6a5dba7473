import * as z from "zod";
import type { Secret } from "../../../../src/core/secret.ts";
import { isSecureUrl } from "../../../../src/core/urls.ts";
import type { AskingFor, ConnectFinished, ConnectTarget } from "../../adapters/adapter.ts";
import type { AuditSink } from "../audit.ts";
import { facadeAddress, type SecretPlace } from "../config/parts.ts";
import type { FacadeConfig } from "../config/schema.ts";
import type { EditorEvents } from "../events.ts";
import type { FacadeStore } from "../state/store.ts";
import type { FindTarget } from "../targets.ts";
import type { Wire } from "../wire.ts";
import type { PageWords } from "./page.ts";
import type { Seal } from "./seal.ts";
import type { PageSignIn } from "./signIn.ts";
import { pageWords } from "./words.ts";

export interface ConnectParts {
  readonly config: FacadeConfig;
  readonly findTarget: FindTarget;
  readonly seal: Seal;
  readonly signIn: PageSignIn;
  readonly store: FacadeStore;
  readonly events: EditorEvents;
  readonly wire: Wire;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly audit: AuditSink;
}

/** What comes of a request for a page. */
export type ConnectAnswer =
  | PageWords
  /** The browser goes on, and keeps a sealed text until it comes back. */
  | { readonly kind: "go"; readonly url: string; readonly keep: string };

/** So long a ticket is good, and so long each of its two stages may take. */
export const stageMs = 10 * 60_000;
/** What a browser takes in a cookie, its name and attributes included. */
const longestCookie = 3800;

const texts = z.record(z.string(), z.string());
const ticketSchema = z.object({ id: z.string(), target: z.string(), subject: z.string(), memo: texts });
type Ticket = z.output<typeof ticketSchema>;
const signInSchema = z.object({
  ticket: ticketSchema,
  begun: z.object({ state: z.string(), nonce: z.string(), verifier: z.string() }),
});
const vaultSchema = z.object({ ticket: ticketSchema, keep: texts });

export const pageAddresses = (
  config: Pick<FacadeConfig, "url">,
): { readonly signedIn: string; readonly done: string } => ({
  signedIn: facadeAddress(config, "/connect/signed-in"),
  done: facadeAddress(config, "/connect/done"),
});

/** Makes the address of a page that connects one person's account for one target. */
export const pageFor =
  (
    { config, seal }: Pick<ConnectParts, "config" | "seal">,
    target: string,
    subject: string,
  ): AskingFor["page"] =>
  async (memo = {}) => {
    const ticket: Ticket = { id: crypto.randomUUID(), target, subject, memo };
    const sealed = await seal.close("ticket", ticket, stageMs);
    return facadeAddress(config, `/connect?ticket=${sealed}`);
  };

/** `GET /connect?ticket=…`: the person is to sign in, in this browser. */
export const openPage = async (sealed: string, parts: ConnectParts): Promise<ConnectAnswer> => {
  const ticket = ticketSchema.safeParse(await parts.seal.open("ticket", sealed)).data;
  if (ticket === undefined || (await parts.store.get(usedKey(ticket))) !== undefined) return pageWords.over;
  const found = connectable(ticket, parts);
  if (found === undefined) return pageWords.over;
  const signIn = await parts.signIn.begin(found.steps.signIn);
  if (signIn === undefined) return pageWords.noIdp;
  const keep = await parts.seal.close("sign-in", { ticket, begun: signIn.begun }, stageMs);
  return goTo(signIn.url, keep);
};

/** `GET /connect/signed-in`: whoever has signed in goes on only if the ticket is theirs, which it then is for the last time. */
export const takeSignIn = async (
  query: string,
  kept: string | undefined,
  parts: ConnectParts,
): Promise<ConnectAnswer> => {
  const read = signInSchema.safeParse(await parts.seal.open("sign-in", kept ?? "")).data;
  if (read === undefined) return pageWords.elsewhere;
  const { ticket, begun } = read;
  const found = connectable(ticket, parts);
  if (found === undefined) return pageWords.over;
  const signedIn = await parts.signIn.finish(query, begun);
  if (signedIn.kind === "failed") {
    record(ticket, parts, "not-signed-in", signedIn.reason);
    return pageWords.notSignedIn;
  }
  const { person } = signedIn;
  if (person.subject !== ticket.subject) {
    record(ticket, parts, "another-person", `It was opened by ${person.subject}.`);
    return pageWords.anotherPerson;
  }
  if (!(await parts.store.add(usedKey(ticket), "", 2 * stageMs))) return pageWords.over;
  const step = await found.steps.begin({
    ...{ ...found.asking, subject: ticket.subject, memo: ticket.memo },
    ...{ idToken: person.idToken, accessToken: person.accessToken },
  });
  if (step.kind !== "go") return concluded(step, ticket, found, parts);
  record(ticket, parts, "begun");
  return goTo(step.url, await parts.seal.close("vault", { ticket, keep: step.keep ?? {} }, stageMs));
};

/** `GET /connect/done`: what the vault's page has brought back, in the browser that was sent there. */
export const finishPage = async (
  query: URLSearchParams,
  kept: string | undefined,
  parts: ConnectParts,
): Promise<ConnectAnswer> => {
  const read = vaultSchema.safeParse(await parts.seal.open("vault", kept ?? "")).data;
  if (read === undefined) return pageWords.elsewhere;
  const { ticket, keep } = read;
  const found = connectable(ticket, parts);
  if (found === undefined || !(await parts.store.add(`finished-${usedKey(ticket)}`, "", 2 * stageMs)))
    return pageWords.over;
  const done = await found.steps.finish?.({ ...found.asking, subject: ticket.subject, keep, query });
  return concluded(done, ticket, found, parts);
};

/** The last page. Without an outcome the vault alone knows it. */
const concluded = async (
  outcome: ConnectFinished | undefined,
  ticket: Ticket,
  found: Connectable,
  parts: ConnectParts,
): Promise<ConnectAnswer> => {
  if (outcome?.kind === "failed") {
    record(ticket, parts, "failed", outcome.reason);
    return pageWords.failed(outcome.reason);
  }
  record(ticket, parts, outcome === undefined ? "returned" : "connected");
  await parts.events.tell(ticket.subject, { type: "connector-changed", connector: found.connector });
  return outcome === undefined ? pageWords.back : pageWords.connected;
};

const usedKey = ({ id }: Ticket): string => `ticket:${id}`;

/** No address but one of the configuration's, or one that came over TLS from there. */
const goTo = (url: string, keep: string): ConnectAnswer => {
  const parsed = URL.parse(url);
  if (parsed === null || !isSecureUrl(parsed))
    return pageWords.failed("The vault named a page that is no https address.");
  return keep.length > longestCookie ? pageWords.tooLong : { kind: "go", url: parsed.href, keep };
};

interface Connectable {
  readonly connector: string;
  readonly steps: ConnectTarget;
  readonly asking: Pick<AskingFor, "idp" | "secret" | "wire" | "returnTo">;
}

/** The target of a ticket, as it is configured now. */
const connectable = (
  { target: name }: Ticket,
  { config, findTarget, secret, wire }: ConnectParts,
): Connectable | undefined => {
  const target = findTarget(name);
  if (target?.connect === undefined) return undefined;
  const returnTo = pageAddresses(config).done;
  const asking = { idp: config.identityProvider, secret, wire, returnTo };
  return { connector: target.connector ?? name, steps: target.connect, asking };
};

const record = (
  { subject, target }: Ticket,
  { audit, findTarget }: ConnectParts,
  outcome: string,
  reason?: string,
): void => {
  const vault = findTarget(target)?.vault;
  audit({
    ...{ event: "connect", outcome, subject, target },
    ...(vault === undefined ? {} : { vault }),
    ...(reason === undefined ? {} : { reason }),
  });
};
