import type { Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { finishPage, openPage, stageMs, takeSignIn, type ConnectParts, type ConnectAnswer } from "./flow.ts";
import { connectHeaders, pageOf } from "./page.ts";

/** Sent by the browser that got it alone, over TLS, to this host, and with links that lead here. */
const cookie = "lanyard-connect";

/** The pages on which a person connects an account; docs/facade.md, "Connect pages". */
export const connectRoutes = (app: Hono, current: () => { readonly connect: ConnectParts }): void => {
  app.get("/connect", async (context) =>
    shown(context, await openPage(context.req.query("ticket") ?? "", current().connect)),
  );
  app.get("/connect/signed-in", async (context) => {
    const { search } = new URL(context.req.url);
    return shown(context, await takeSignIn(search, getCookie(context, cookie, "host"), current().connect));
  });
  app.get("/connect/done", async (context) => {
    const { searchParams } = new URL(context.req.url);
    return shown(
      context,
      await finishPage(searchParams, getCookie(context, cookie, "host"), current().connect),
    );
  });
};

const attributes = { prefix: "host", httpOnly: true, secure: true, sameSite: "Lax", path: "/" } as const;

const shown = (context: Context, answer: ConnectAnswer): Response => {
  if (answer.kind === "go") {
    setCookie(context, cookie, answer.keep, { ...attributes, maxAge: stageMs / 1000 });
    return context.body(null, 303, { ...connectHeaders, location: answer.url });
  }
  deleteCookie(context, cookie, attributes);
  const { html, headers } = pageOf(answer);
  return context.body(html, answer.status, headers);
};
