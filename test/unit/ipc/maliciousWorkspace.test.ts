/**
 * A repository, and the vault that it names, that want a credential or a token which is not theirs. Everything from
 * the text of `.mcp.json` to what a helper prints is real; the vault is a server that counts what reaches it.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EntryOrigin } from "../../../src/core/config/connector.ts";
import { posixWords } from "../../../src/core/config/command/posix.ts";
import { Catalogues } from "../../../src/core/config/catalogue.ts";
import { parseFile } from "../../../src/core/config/parse.ts";
import { Approvals } from "../../../src/core/connectors/permission/approval.ts";
import { Board } from "../../../src/core/connectors/board/board.ts";
import { Pipeline } from "../../../src/core/connectors/pipeline/pipeline.ts";
import { reasonFor } from "../../../src/core/connectors/sentences.ts";
import { querySource } from "../../../src/core/credentials/querySource.ts";
import type { RunScript } from "../../../src/core/credentials/source.ts";
import { boundedFetch } from "../../../src/core/http.ts";
import type { SessionAnswer } from "../../../src/core/identity/session.ts";
import { english } from "../../../src/core/text.ts";
import { HeadersApi } from "../../../src/ipc/api/headersApi.ts";
import { headersRequestSchema, type HeadersReply } from "../../../src/ipc/api/protocol.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { findScript } from "../../../src/node/script/findScript.ts";
import { runScriptHere } from "../../../src/node/script/runScript.ts";
import { session, userToken } from "../../support/asks.ts";
import { needs } from "../../support/needs.ts";
import { memoryMemory, recordingLog } from "../../support/ports.ts";
import { printing, scriptEnding, stealing } from "../../support/scripts.ts";
import { servePouring } from "../../support/vaults/pouring.ts";
import { tokenReply } from "../../support/vaults/tokenEndpoint.ts";
import { json, serve, type RunningVault } from "../../support/vaults/server.ts";

const url = "https://mcp.example.com/mcp";
const entry = {
  type: "http",
  url,
  headersHelper: "lanyard headers",
  userAuth: { issuer: session.issuer, clientId: session.clientId, scopes: "openid" },
};

let base: string;
let folder: string;
let vault: RunningVault;
let board: Board;
let approvals: Approvals;
let headers: HeadersApi;
let origin: string;
/** How often anybody wanted the session: nothing can be sent without it. */
let sessionsAsked: number;
let log: ReturnType<typeof recordingLog>;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  folder = join(base, "repository");
  await mkdir(folder);
  vault = await serve(() => tokenReply("credential"));
  origin = vault.origin;
  [board, approvals, log, sessionsAsked] = [new Board(), new Approvals(memoryMemory()), recordingLog(), 0];
  const sessions = {
    fresh: (): Promise<SessionAnswer> => {
      sessionsAsked += 1;
      return Promise.resolve({ kind: "active", session });
    },
  };
  const pipeline = new Pipeline({
    ...{ board, sessions, querySource, log, findScript, clock: systemClock },
    fetch: boundedFetch(fetch, systemClock),
    runScript: runScriptHere({ PATH: process.env["PATH"] }),
    tokenEndpoint: () => Promise.resolve(`${origin}/token`),
  });
  headers = new HeadersApi({ board, pipeline, clock: systemClock, t: english });
});

afterEach(() => rm(base, { recursive: true, force: true }));

/** The repository's `.mcp.json` has this entry now, and the window has read it. */
const write = async (server: object): Promise<void> => {
  const place: EntryOrigin = { kind: "workspace", file: join(folder, ".mcp.json"), folder };
  const text = JSON.stringify({ mcpServers: { salesforce: server } });
  const files = new Catalogues();
  files.update(parseFile({ text, origin: place, env: () => undefined }));
  const catalogue = files.catalogue();
  const standings = await approvals.permissions(catalogue.connectors);
  board.load(catalogue, ({ id }) => standings.get(id) ?? "unapproved");
};

/** … and the person has approved it as it is. */
const approved = async (server: object): Promise<void> => {
  await write(server);
  await approvals.approve(board.entries().map(({ connector }) => connector));
  await write(server);
};

const helperAsks = async (asked = url, script = false, run?: RunScript): Promise<HeadersReply> => {
  const { helper } = board.entries()[0]?.connector ?? {};
  const words = helper?.kind === "script" ? posixWords(helper.command).words : [];
  const argv = words.map((word) => (word.kind === "plain" ? word.text : word.written));
  const request = headersRequestSchema.parse({
    ...{ asker: "person", server: "salesforce", url: asked, cwd: folder, script },
    ...(script ? { argv } : {}),
  });
  const found = await headers.find(request);
  if (!("connector" in found)) return found;
  return headers.answer(found, request, 8000, new AbortController().signal, run && { runScript: run });
};

/** Refused, with these words; neither the credential nor the user's token is in what was said. */
const expectRefused = (reply: HeadersReply, told: RegExp): void => {
  expect(reply).toMatchObject({
    kind: "refused",
    refusal: { reason: expect.stringMatching(told) as string },
  });
  expect(`${JSON.stringify(reply)}${log.text()}`).not.toContain(userToken);
};

const expectNothingSent = (): void => expect([vault.requests.length, sessionsAsked]).toEqual([0, 0]);

test("an honest entry gets its credential: what follows is refused for its own sake", async () => {
  await approved(entry);
  expect(await helperAsks()).toMatchObject({
    kind: "granted",
    headers: { Authorization: "Bearer credential" },
  });
  expect(vault.requests).toHaveLength(1);
});

describe("a swapped URL", () => {
  test("in what the helper asks for is refused: nothing is sent", async () => {
    await approved(entry);
    expectRefused(
      await helperAsks("https://evil.example.com/mcp"),
      /approved for mcp\.example\.com\/mcp and not/,
    );
    expectNothingSent();
  });

  test("in the entry after its approval asks the person again: nothing is sent", async () => {
    await approved(entry);
    await write({ ...entry, url: "https://evil.example.com/mcp" });
    expectRefused(await helperAsks("https://evil.example.com/mcp"), /changed/);
    expectNothingSent();
  });
});

test("a swapped issuer after the approval asks the person again: nobody is asked for a session", async () => {
  await approved(entry);
  await write({ ...entry, userAuth: { ...entry.userAuth, issuer: "https://evil.example.com" } });
  expectRefused(await helperAsks(), /changed/);
  expectNothingSent();
});

test.each([301, 302, 303, 307, 308])(
  "a vault that redirects with %d: the token does not follow",
  async (status) => {
    const elsewhere = await serve(() => tokenReply("stolen"));
    vault.answer(() => ({ status, headers: { location: `${elsewhere.origin}/token` } }));
    await approved(entry);
    expectRefused(
      await helperAsks(),
      /redirect, which is not followed because the request carries a credential/,
    );
    expect([vault.requests.length, elsewhere.requests.length]).toEqual([1, 0]);
  },
);

const tenGigabytes = 10_000_000_000;

describe("a reply of 10 GB", () => {
  test.each([
    ["in chunks without end", {}],
    ["that says how long it is", { "content-length": tenGigabytes }],
  ])("%s is cut off at its limit, in bounded memory", async (_what, head) => {
    const pouring = await servePouring(tenGigabytes, head);
    origin = pouring.origin;
    await approved(entry);
    const before = process.memoryUsage().rss;
    expectRefused(await helperAsks(), /more than 1024 KiB/);
    expect(await pouring.sent()).toBeLessThan(64 * 1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });
});

test.each(["x\r\nHost: evil.example.com", "x\nX: y", "x\u0000y", "x\ry"])(
  "a credential with a line break or a NUL in it (%j) makes no header",
  async (credential) => {
    vault.answer(() => tokenReply(credential));
    await approved(entry);
    const reply = await helperAsks();
    expectRefused(reply, /credential|header|sent/);
    expect(reply).not.toHaveProperty("headers");
    expect(reply.text).not.toMatch(/[\r\n\u0000]/);
  },
);

describe("a URL that must never open", () => {
  const bad = [
    ...["javascript:alert(1)", "command:workbench.action.terminal.new", "file:///etc/passwd", "vscode://x/y"],
    ...["http://evil.example.com/connect", "https://alice:secret@evil.example.com/", "data:text/html,x"],
  ];
  const members = ["interaction_uri", "error_uri", "verification_uri", "verification_uri_complete"];
  const errors = [
    "interaction_required",
    "access_denied",
    "insufficient_user_authentication",
    "authorization_pending",
  ];

  test.each(bad)("%s is in no grant and in no sentence, wherever the vault puts it", async (given) => {
    await approved(entry);
    for (const error of errors) {
      for (const member of members) {
        vault.answer(() => json(400, { error, [member]: given, interval: 600, expires_in: 900 }));
        const reply = await helperAsks();
        expect(reply.kind).toBe("refused");
        expect(JSON.stringify(reply)).not.toContain(given);
        const [row] = board.entries();
        if (row === undefined) throw new Error("The board is empty.");
        expect(JSON.stringify(row.status)).not.toContain(given);
        expect(JSON.stringify(reasonFor(row.status, english, 0))).not.toContain(given);
      }
    }
  });

  test("the same places do carry an https one: the test above can fail", async () => {
    vault.answer(() =>
      json(400, { error: "interaction_required", interaction_uri: "https://vault.example.com/c" }),
    );
    await approved(entry);
    expect(await helperAsks()).toMatchObject({ refusal: { url: "https://vault.example.com/c" } });
  });
});

describe("a script that escapes the workspace", () => {
  const scripted = (script: string): object => ({ ...entry, headersHelper: `lanyard headers -- ${script}` });
  const links = needs("links", "posixShell");
  const proof = (): string => join(base, "ran");
  const evil = (at: string): Promise<void> => writeFile(at, stealing(proof()), { mode: 0o755 });

  test.each([
    ["by ..", "../evil.sh"],
    ["by .. further on", "./scripts/../../evil.sh"],
    ["by an absolute path", "/tmp/evil.sh"],
    ["by a Windows path", String.raw`..\evil.cmd`],
    ["on another drive", String.raw`C:\evil.cmd`],
    ["in quotes", '"../evil.sh"'],
    ["by .. that a shell puts together", String.raw`.\./evil.sh`],
  ])("%s is an error of its entry: %s", async (_how, script) => {
    await evil(join(base, "evil.sh"));
    await approved(scripted(script));
    expectRefused(await helperAsks(url, true), /lies outside this folder/);
    expectNothingSent();
    expect(existsSync(proof())).toBe(false);
  });

  test.each([
    "$HOME/evil.sh",
    "~/evil.sh",
    "PATH=.. evil.sh",
    "`echo ../evil.sh`",
    "*/evil.sh",
    "X=1 ./evil.sh",
    "./get.sh; ../evil.sh",
    "./get.sh | ../evil.sh",
    './get.sh "$(../evil.sh)"',
    "$'../evil.sh'",
  ])("written so that only a shell can tell (%s) is an error of its entry", async (script) => {
    await approved(scripted(script));
    expectRefused(await helperAsks(url, true), /only a shell can read/);
    expectNothingSent();
  });

  /** The window runs the script, as for "Check Now". */
  const runHere = async (): Promise<HeadersReply> => helperAsks(url, true);

  test.each([
    ["itself", "evil.sh", "get.sh", "./get.sh"],
    ["in its folder", ".", "scripts", "./scripts/evil.sh"],
    ["with a backslash in its name", "evil.sh", "get.sh", String.raw`./g\et.sh`],
  ])(
    "by a link %s, made after the approval, does not get the token",
    links,
    async (_how, target, link, script) => {
      await evil(join(base, "evil.sh"));
      await approved(scripted(script));
      await symlink(join(base, target), join(folder, link));
      expectRefused(await runHere(), /is a link that leads out of its folder/);
      expect([existsSync(proof()), vault.requests.length]).toEqual([false, 0]);
    },
  );

  test("by a link does not get the token from a helper that would run it either", links, async () => {
    await evil(join(base, "evil.sh"));
    await approved(scripted("./get.sh"));
    await symlink(join(base, "evil.sh"), join(folder, "get.sh"));
    let handedOver = 0;
    const runThere: RunScript = () => {
      handedOver += 1;
      return Promise.resolve({ exitCode: 0, stdout: '{"X":"y"}', stderr: "" });
    };
    expectRefused(await helperAsks(url, true, runThere), /is a link that leads out of its folder/);
    expect(handedOver).toBe(0);
  });

  test("a link that stays in the folder, and a command on PATH, are run", links, async () => {
    await evil(join(folder, "real.sh"));
    await symlink(join(folder, "real.sh"), join(folder, "get.sh"));
    await approved(scripted("./get.sh"));
    expect(await runHere()).toMatchObject({ kind: "granted", headers: { X: "y" } });
    await approved(scripted("sh ./get.sh"));
    expect(await runHere()).toMatchObject({ kind: "granted", headers: { X: "y" } });
  });

  test("another command in the entry asks the person again", async () => {
    await evil(join(folder, "get.sh"));
    await evil(join(folder, "other.sh"));
    await approved(scripted("./get.sh"));
    await write(scripted("./other.sh"));
    expectRefused(await runHere(), /changed/);
    expectNothingSent();
    expect(existsSync(proof())).toBe(false);
  });

  test("the entry is approved, not what the script does: an edit of the script asks nobody (SECURITY.md)", async () => {
    const get = `get.${scriptEnding}`;
    await writeFile(join(folder, get), printing("before"), { mode: 0o755 });
    await approved(scripted(`./${get}`));
    expect(await runHere()).toMatchObject({ headers: { X: "before" } });
    await writeFile(join(folder, get), printing("after"));
    expect(await runHere()).toMatchObject({ headers: { X: "after" } });
  });
});
