import { describe, expect, it } from "vitest";
import { Board } from "../../../../../src/core/connectors/board/board.ts";
import type { Status } from "../../../../../src/core/connectors/board/status.ts";
import { Pipeline } from "../../../../../src/core/connectors/pipeline/pipeline.ts";
import type { Issue } from "../../../../../src/core/config/issues/issue.ts";
import type { StepUpMethod } from "../../../../../src/core/credentials/grant.ts";
import { queryConfigured } from "../../../../../src/core/credentials/querySource.ts";
import { isSecureUrl } from "../../../../../src/core/urls.ts";
import { connectorWith, session, sourcePorts } from "../../../../support/asks.ts";
import { catalogueOf } from "../../../../support/connectors.ts";
import { sourceCases } from "../../../../support/vaults/cases.ts";
import { serve } from "../../../../support/vaults/server.ts";

/**
 * What the person can do about a row, or what Lanyard does by itself, while the identity provider stands by the sign-in.
 * `nothing` is a dead end: a row that says to sign in while Sign In has nothing to do ends where it began.
 */
const wayOn = (status: Status, nowMs: number): string => {
  switch (status.kind) {
    case "granted":
      return "ready";
    case "needsConnection":
      return opens(status.url);
    case "stepUp":
      return stepUp(status.how, nowMs);
    case "pending":
      return onlyIf(status.expiresAtMs > nowMs, "a wait that ends");
    case "denied":
      return onlyIf(status.reason.trim() !== "", "words for administrators");
    case "misconfigured":
      return onlyIf(status.issues.every(isPlaced), "a place to mend");
    case "unavailable":
      return onlyIf(status.retryAtMs > nowMs, "another try");
    case "signedOut":
    case "untrusted":
    case "unapproved":
    case "unchecked":
    case "checking":
      return "nothing";
  }
};

const onlyIf = (holds: boolean, way: string): string => (holds ? way : "nothing");

const isPlaced = ({ template, place }: Issue): boolean => template !== "" && place !== undefined;

const stepUp = (how: StepUpMethod, nowMs: number): string => {
  if (how.kind === "url") return opens(how.url);
  return onlyIf(how.kind !== "push" || how.expiresAtMs > nowMs, "a step-up");
};

const opens = (url: string): string => {
  const parsed = URL.parse(url);
  return parsed !== null && isSecureUrl(parsed) ? "a page" : "nothing";
};

describe.each(sourceCases)("$source, while the sign-in stands", (source) => {
  it.each(source.answers)("has a way on from: $answer; and heals", async ({ vault, entry }) => {
    const running = await serve(vault);
    const base = sourcePorts();
    const scene = { origin: running.origin, nowMs: base.clock.now() };
    const ports = { ...base, ...source.ports?.(scene) };
    const connector = connectorWith({ ...source.entry(scene), ...entry?.(scene) });
    const board = new Board();
    const pipeline = new Pipeline({
      ...{ ...ports, board },
      sessions: { fresh: () => Promise.resolve({ kind: "active", session }) },
      querySource: (ask, sourcesPorts) => queryConfigured(ask.connector.credential, ask, sourcesPorts),
      findScript: (folder, path) => Promise.resolve({ kind: "inside", path: `${folder}/${path}` }),
      runScript: () => Promise.resolve({ exitCode: "notStarted", stdout: "", stderr: "" }),
    });
    board.load(catalogueOf([connector]), () => "approved");
    const check = async (): Promise<Status | undefined> => {
      await pipeline.obtain(connector.id, { requester: "check", signal: new AbortController().signal });
      return board.get(connector.id)?.status;
    };
    const status = await check();
    if (status === undefined) throw new Error("The row is gone.");
    expect([status.kind, wayOn(status, base.clock.now())]).not.toContain("nothing");
    // What hangs on the entry's own settings heals with them.
    if (entry !== undefined) return;
    running.answer(source.granting("the-credential"));
    // A deferred answer is asked for as it was promised; a question anew begins another.
    await base.keeper.forget(session.id);
    expect((await check())?.kind).toBe("granted");
  });
});
