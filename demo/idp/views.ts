import type { Configuration, KoaContextWithOIDC } from "oidc-provider";
import { pageHeaders } from "../http/reply.ts";
import { deviceCodePage, deviceConfirmPage, logoutPage, messagePage } from "./pages.ts";

type Features = NonNullable<Configuration["features"]>;

const show = (ctx: KoaContextWithOIDC, body: string): void => {
  ctx.set({ ...pageHeaders });
  ctx.body = body;
};

/** oidc-provider's proof that a form came from its own page. */
const xsrf = (ctx: KoaContextWithOIDC): string => {
  const secret = ctx.oidc.session?.state?.["secret"];
  return typeof secret === "string" ? secret : "";
};

const codeForm = (
  ctx: KoaContextWithOIDC,
  more: { readonly userCode?: string; readonly problem?: string },
): void =>
  show(ctx, deviceCodePage({ action: ctx.oidc.urlFor("code_verification"), xsrf: xsrf(ctx), ...more }));

/** The pages of the device flow (RFC 8628). */
export const deviceFlowPages: NonNullable<Features["deviceFlow"]> = {
  charset: "base-20",
  mask: "****-****",
  userCodeInputSource: (ctx, _form, out, error) => {
    const problem =
      error === undefined && out === undefined ? undefined : "This code is unknown, used up or too old.";
    codeForm(ctx, problem === undefined ? {} : { problem });
  },
  userCodeConfirmSource: (ctx, _form, client, _device, shownCode) => {
    const userCode = ctx.oidc.params?.["user_code"];
    show(
      ctx,
      deviceConfirmPage({
        action: ctx.oidc.urlFor("code_verification"),
        xsrf: xsrf(ctx),
        userCode: typeof userCode === "string" ? userCode : shownCode,
        shownCode,
        client: client.clientName ?? client.clientId,
      }),
    );
  },
  successSource: (ctx) =>
    show(ctx, messagePage("Your device is signed in", "You can close this page and go back to the editor.")),
};

/**
 * A link that carries the code (verification_uri_complete) shows the code for the person to compare,
 * where oidc-provider would send it on by script.
 */
export const prefillUserCode = (ctx: KoaContextWithOIDC): void => {
  const userCode = ctx.oidc.params?.["user_code"];
  if (ctx.method !== "GET" || ctx.oidc.route !== "code_verification" || typeof userCode !== "string") return;
  codeForm(ctx, { userCode });
};

export const logoutFlow: NonNullable<Features["rpInitiatedLogout"]> = {
  logoutSource: (ctx) => show(ctx, logoutPage(ctx.oidc.urlFor("end_session_confirm"), xsrf(ctx))),
  postLogoutSuccessSource: (ctx) => show(ctx, messagePage("You are signed out", "You can close this page.")),
};

export const renderError: NonNullable<Configuration["renderError"]> = (ctx, out) => {
  const description = out.error_description ?? "The request cannot be answered.";
  show(ctx, messagePage("That did not work", `${description} (${out.error})`));
};
