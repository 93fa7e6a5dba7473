import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { startAcme, type Acme } from "../../../../demo/demo.ts";
import { resultPage } from "../../../../src/core/identity/resultPage.ts";
import {
  createIdentityService,
  type IdentityPorts,
  type WholeIdentity,
} from "../../../../src/core/identity/service.ts";
import type {
  SessionAnswer,
  SessionChange,
  SessionInfo,
  SessionNeed,
  SignInOutcome,
  SignInPorts,
  SignInRequest,
} from "../../../../src/core/identity/session.ts";
import type { IdentityOptions } from "../../../../src/core/identity/context.ts";
import type { Clock, Fetch } from "../../../../src/core/ports.ts";
import type { Secret } from "../../../../src/core/secret.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { startLoopback } from "../../../../src/node/loopback.ts";
import { signInOverHttp, type Person } from "../../../support/browserless.ts";
import {
  memoryMemory,
  memorySecrets,
  recordingLog,
  type MemoryMemory,
  type MemorySecrets,
  type RecordingLog,
} from "../../../support/ports.ts";

const template = readFileSync(new URL("../../../../media/sign-in-result.html", import.meta.url), "utf8");

export const never = new AbortController().signal;

/** The machine's clock, which a test can put forward as a laptop's sleep does. */
export interface ShiftedClock extends Clock {
  shift(byMs: number): void;
}

export const shiftedClock = (): ShiftedClock => {
  let shiftMs = 0;
  return {
    now: () => Date.now() + shiftMs,
    after: (delayMs, run) => systemClock.after(delayMs, run),
    shift: (byMs) => {
      shiftMs += byMs;
    },
  };
};

/** Requests that went out, and a hand on their answers: the network between Lanyard and a real IdP. */
export interface Wire {
  readonly fetch: Fetch;
  readonly sent: readonly { readonly path: string; readonly body: string; readonly headers: Headers }[];
  /** While set, answers for paths it knows; `undefined` lets the request through. */
  tamper: ((path: string, reach: () => Promise<Response>) => Promise<Response | undefined>) | undefined;
}

export const wire = (): Wire => {
  const sent: { path: string; body: string; headers: Headers }[] = [];
  const self: Wire = {
    sent,
    tamper: undefined,
    fetch: async (url, init) => {
      const path = new URL(url).pathname;
      const body = init?.body instanceof URLSearchParams ? init.body.toString() : "";
      sent.push({ path, body, headers: new Headers(init?.headers) });
      const reach = (): Promise<Response> => fetch(url, init);
      return (await self.tamper?.(path, reach)) ?? reach();
    },
  };
  return self;
};

export interface EditorWindow {
  readonly identity: WholeIdentity;
  readonly wire: Wire;
  readonly log: RecordingLog;
  readonly secrets: MemorySecrets;
  readonly memory: MemoryMemory;
  readonly changes: SessionChange[];
}

/** One window's identity service. Windows with the same `secrets` and `memory` belong to one editor. */
export const openWindow = (
  shared: Partial<Pick<EditorWindow, "secrets" | "memory">> & { readonly clock?: Clock } = {},
  options: Partial<IdentityOptions> = {},
): EditorWindow => {
  const parts = {
    clock: shared.clock ?? systemClock,
    wire: wire(),
    log: recordingLog(),
    secrets: shared.secrets ?? memorySecrets(),
    memory: shared.memory ?? memoryMemory(),
  };
  const ports: IdentityPorts = { ...parts, fetch: parts.wire.fetch };
  const identity = createIdentityService(ports, { storageDelayMs: 5, ...options });
  const changes: SessionChange[] = [];
  identity.onDidChange((change) => changes.push(change));
  return { ...parts, identity, changes };
};

export const needAt = (demo: Acme, more: Partial<SessionNeed> = {}): SessionNeed => ({
  issuer: demo.idp,
  clientId: "lanyard",
  scopes: ["openid", "profile"],
  ...more,
});

export const userOf = (demo: Acme, username = "alice"): Person => {
  const user = demo.users.find((candidate) => candidate.username === username);
  if (user === undefined) throw new Error(`Acme has no ${username}.`);
  return user;
};

/** A person at a browser that reaches this machine. */
export interface Browsing extends SignInPorts {
  /** What the browser shows in the end. */
  readonly page: Promise<string>;
  readonly opened: readonly string[];
}

export interface BrowsingOptions {
  /** What happens to the redirect on its way back. */
  readonly divert?: (url: URL) => URL;
  /** Stands in for the person's whole part: where does the browser go? */
  readonly act?: (authorizationUrl: URL) => Promise<URL>;
}

export const browsing = (person: Person, { divert, act }: BrowsingOptions = {}): Browsing => {
  const opened: string[] = [];
  let show: (html: Promise<string>) => void = () => undefined;
  const page = new Promise<string>((resolve) => (show = resolve));
  page.catch(() => undefined);
  const visit = async (url: string): Promise<string> => {
    const redirect = await (act ?? ((start) => signInOverHttp(start, person)))(new URL(url));
    const response = await fetch(divert === undefined ? redirect : divert(redirect));
    return response.text();
  };
  return {
    page,
    opened,
    receivers: [() => startLoopback({ clock: systemClock, page: resultPage({ template }) })],
    openBrowser: (url) => {
      opened.push(url);
      show(visit(url));
      return Promise.resolve(true);
    },
    showDeviceCode: () => {
      throw new Error("No device code is expected here.");
    },
  };
};

/** Signs in, and fails the test when that fails. */
export const signedIn = async (
  editor: EditorWindow,
  request: SignInRequest,
  person: Person,
): Promise<SessionInfo> => {
  const outcome = await editor.identity.signIn(request, browsing(person), never);
  if (outcome.kind === "failed") throw new Error(`${outcome.failure}: ${outcome.detail ?? ""}`);
  return outcome.session;
};

/** What the IdP itself says to an access token. */
export const userInfoStatus = async (demo: Acme, accessToken: string): Promise<number> => {
  const response = await fetch(`${demo.idp}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  await response.body?.cancel();
  return response.status;
};

export interface IdpStats {
  readonly refreshes: number;
  readonly refreshFailures: number;
  readonly userinfo: number;
  readonly revocations: number;
}

export const statsOf = async (demo: Acme): Promise<IdpStats> =>
  (await (await fetch(`${demo.admin}/api/stats`)).json()) as IdpStats;

/** How many refresh tokens of a person live at the IdP. */
export const refreshTokensOf = async (demo: Acme, { username }: Person): Promise<number> => {
  const users = (await (await fetch(`${demo.admin}/api/users`)).json()) as readonly {
    readonly username: string;
    readonly refreshTokens: number;
  }[];
  return users.find((user) => user.username === username)?.refreshTokens ?? NaN;
};

export const administrator = async (demo: Acme, act: "revoke" | "restore", user = "alice"): Promise<void> => {
  const response = await fetch(`${demo.admin}/api/users/${user}/${act}`, { method: "POST" });
  if (!response.ok) throw new Error(`${act}: HTTP ${response.status}`);
};

/** A JSON reply with some of its members changed; `undefined` removes one. */
export const altered = async (
  response: Response,
  change: (body: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Promise<Response> => {
  const body = (await response.json()) as Readonly<Record<string, unknown>>;
  return Response.json({ ...body, ...change(body) }, { status: response.status });
};

/** A token reply whose ID token says something else. */
export const withClaims = (
  response: Response,
  claims: Readonly<Record<string, unknown>>,
): Promise<Response> =>
  altered(response, (body) => {
    const [header, payload, signature] = String(body["id_token"]).split(".");
    const said = JSON.parse(Buffer.from(payload ?? "", "base64url").toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...said, ...claims })).toString("base64url");
    return { id_token: [header, forged, signature].join(".") };
  });

/** Takes endpoints out of the IdP's metadata. */
export const withoutEndpoints =
  (...endpoints: readonly string[]): NonNullable<Wire["tamper"]> =>
  async (path, reach) => {
    if (!path.startsWith("/.well-known/")) return undefined;
    return altered(await reach(), () => Object.fromEntries(endpoints.map((name) => [name, undefined])));
  };

/** How a sign-in ended, in one word. */
export const endOf = (outcome: SignInOutcome): string =>
  outcome.kind === "failed" ? outcome.failure : outcome.kind;

export const expectNothingLeft = async (editor: EditorWindow): Promise<void> => {
  expect(await editor.identity.list()).toEqual([]);
  expect(editor.secrets.entries.size).toBe(0);
  expect(editor.changes).toEqual([]);
};

/** Alice's window, signed in, with a clock that a test can put forward. */
export type SignedInWindow = EditorWindow & { readonly clock: ShiftedClock; readonly id: string };

export interface Company {
  readonly demo: () => Acme;
  readonly open: typeof openWindow;
  /** `tamper` has a hand on the network from before the sign-in. */
  readonly openSignedIn: (
    options?: Partial<IdentityOptions>,
    tamper?: Wire["tamper"],
  ) => Promise<SignedInWindow>;
  /** What the window has to use now; `refused` is the token that a source did not take. */
  readonly fresh: (editor: EditorWindow, refused?: Secret) => Promise<SessionAnswer>;
}

/** One IdP and the windows of one test file: each window is closed after its test. */
export const company = (): Company => {
  let started: Acme | undefined;
  const windows: EditorWindow[] = [];
  const demo: Company["demo"] = () => {
    if (started === undefined) throw new Error("The demo has not started.");
    return started;
  };
  const open: Company["open"] = (...args) => {
    const editor = openWindow(...args);
    windows.push(editor);
    return editor;
  };
  beforeAll(async () => {
    started = await startAcme();
  });
  afterEach(() => {
    for (const editor of windows.splice(0)) editor.identity.dispose();
  });
  afterAll(() => started?.close());
  return {
    ...{ demo, open },
    openSignedIn: async (options, tamper) => {
      const clock = shiftedClock();
      const editor = open({ clock }, options);
      editor.wire.tamper = tamper;
      const { id } = await signedIn(editor, needAt(demo()), userOf(demo()));
      return { ...editor, clock, id };
    },
    fresh: (editor, refused) =>
      editor.identity.fresh(needAt(demo()), { signal: never, ...(refused === undefined ? {} : { refused }) }),
  };
};
