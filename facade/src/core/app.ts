import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { errnoOf } from "../../../src/core/errors.ts";
import { sha256Base64url } from "../../../src/core/hash.ts";
import { facadeAddress } from "./config/parts.ts";
import { connectRoutes } from "./connect/routes.ts";
import { answerQuestion } from "./exchange.ts";
import { answerFeed } from "./feed.ts";
import type { Facade } from "./facade.ts";
import { requestFailure, type FacadeReply } from "./reply.ts";
import { takeLogout, takeSignal, type SignalOutcome } from "./signals.ts";

const largestBody = 64 * 1024;

/** Told of what nobody expected; by its kind alone, for a message may hold what was sent. */
export type Unexpected = (error: unknown) => void;

/** The facade over HTTP, on web standards alone. `current` is asked for each request: the configuration may change. */
export const facadeApp = (current: () => Facade, unexpected: Unexpected): Hono => {
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: largestBody,
    onError: () => send({ ...requestFailure("invalid_request", "The body is too long."), status: 413 }),
  });
  app.post("/token", limit, async (context) => {
    const facade = current();
    const form = await formOf(context);
    if (form === undefined) return send(requestFailure("invalid_request", "Send a form."));
    const incoming = {
      form,
      url: facadeAddress(facade.config, "/token"),
      prefer: context.req.header("prefer"),
      proof: context.req.header("dpop"),
      traceId: traceIdIn(context.req.header("traceparent")),
      signal: context.req.raw.signal,
    };
    return send(await answerQuestion(incoming, facade.exchange));
  });
  app.get("/events", async (context) => {
    const facade = current();
    const question = {
      authorization: context.req.header("authorization"),
      proof: context.req.header("dpop"),
      url: facadeAddress(facade.config, "/events"),
      wait: context.req.query("wait"),
      after: context.req.query("after"),
      signal: context.req.raw.signal,
    };
    return send(await answerFeed(question, facade.feed));
  });
  app.post("/backchannel-logout", limit, async (context) => {
    const { logouts, signals } = current();
    const token = (await formOf(context))?.get("logout_token") ?? "";
    return send(signalReply(await takeLogout(token, logouts, signals), 200));
  });
  app.post("/events/receive", limit, (context) => receive(context, current()));
  connectRoutes(app, current);
  operations(app, current);
  failures(app, unexpected);
  return app;
};

const failures = (app: Hono, unexpected: Unexpected): void => {
  app.notFound(() => send({ ...requestFailure("not_found", "There is nothing here."), status: 404 }));
  app.onError((error, context) => {
    if (!isGone(error, context)) unexpected(error);
    const body = { error: "server_error", error_description: "The facade has a fault: see its log." };
    return send({ status: 503, body, headers: { "cache-control": "no-store", "retry-after": "5" } });
  });
};

const operations = (app: Hono, current: () => Facade): void => {
  app.get("/health", (context) => context.text("ok"));
  app.get("/ready", async (context) => {
    const { metadata, state } = current();
    if ((await metadata()) === undefined) return context.text("no identity provider", 503);
    const isStored = await state.store.get("ready").then(
      () => true,
      () => false,
    );
    return isStored ? context.text("ok") : context.text("no store", 503);
  });
  app.get("/metrics", (context) => {
    const { metrics, events } = current().state;
    return context.text(metrics.text(events.wakers.size));
  });
};

/** A security event token by push (RFC 8935). */
const receive = async (context: Context, facade: Facade): Promise<Response> => {
  const push = facade.config.sharedSignals?.push;
  if (push === undefined || facade.transmitter === undefined) return context.notFound();
  const expected = await sha256Base64url((await facade.secret(push.authorization)).reveal());
  if ((await sha256Base64url(context.req.header("authorization") ?? "")) !== expected)
    return send({ status: 401, body: { err: "authentication_failed" }, headers: noStore });
  const outcome = await takeSignal(await context.req.text(), facade.transmitter, facade.signals);
  return send(signalReply(outcome, 202));
};

const noStore = { "cache-control": "no-store" };

const signalReply = (outcome: SignalOutcome, taken: 200 | 202): FacadeReply => {
  const headers = noStore;
  if (outcome.kind === "taken") return { status: taken, body: {}, headers };
  if (outcome.kind === "unavailable")
    return { status: 503, body: {}, headers: { ...headers, "retry-after": "5" } };
  const { error, reason } = outcome;
  const body = taken === 202 ? { err: error, description: reason } : { error, error_description: reason };
  return { status: 400, body, headers };
};

const formOf = async (context: Context): Promise<URLSearchParams | undefined> => {
  const type = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") return undefined;
  return new URLSearchParams(await context.req.text());
};

/** A caller that has gone before the end of its body is no fault of the facade's. */
const isGone = (error: Error, { req }: Context): boolean =>
  errnoOf(error) === "ECONNRESET" || req.raw.signal.aborted;

/** The trace id of W3C Trace Context, level 1. */
const traceIdIn = (header: string | undefined): string | undefined => {
  const id = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(header ?? "")?.[1];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
};

const send = ({ status, body, headers }: FacadeReply): Response => Response.json(body, { status, headers });
