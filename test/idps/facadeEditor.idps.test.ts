import { afterAll, describe, expect, test, vi } from "vitest";
import { openEditorStage, upstreamAudience, type EditorStage } from "./support/editorStage.ts";
import { isStageHere } from "./support/guardedStage.ts";
import { crmResource } from "./support/keycloakFacade.ts";
import { upstreamRealm } from "./support/keycloakVault.ts";

const canBeSent = (headers: Record<string, string>): boolean => {
  try {
    return [...new Headers(headers).keys()].length > 0;
  } catch {
    return false;
  }
};

/** Each may have to open the whole stage. */
vi.setConfig({ testTimeout: 600_000 });

const standing = { crm: "Ready", wiki: "Ready", notes: "Ready", payroll: "Denied" };

/** The real editor, the facade, Keycloak, real servers and a real client, of one sign-in. */
describe.skipIf(!isStageHere)("from a sign-in in the editor to a call of the client", () => {
  let held: { readonly stage: EditorStage; readonly isSignedIn: boolean } | undefined;

  const leave = async (): Promise<void> => {
    const left = held;
    held = undefined;
    await left?.stage[Symbol.asyncDispose]();
  };
  afterAll(leave);

  const begin = async (): Promise<EditorStage> => {
    const stage = await openEditorStage();
    held = { stage, isSignedIn: false };
    await stage.signIn();
    await expect.poll(() => stage.statuses()).toMatchObject(standing);
    return stage;
  };

  /** On a stage that is signed in. What a test leaves otherwise, or in the midst of which it failed, serves no other. */
  const onStage =
    <A extends readonly string[]>(act: (stage: EditorStage, ...more: A) => Promise<void>, ends = false) =>
    async (...more: A): Promise<void> => {
      if (held?.isSignedIn === false) await leave();
      const stage = held?.stage ?? (await begin());
      held = { stage, isSignedIn: false };
      await act(stage, ...more);
      held = { stage, isSignedIn: !ends };
    };

  /** What the helper prints when it refuses: no client can send it, and a person can read it. */
  const refusal = async (stage: EditorStage, name: string): Promise<string | undefined> => {
    const printed = await stage.shell.helper(name);
    return canBeSent(printed) ? undefined : JSON.stringify(printed);
  };

  test(
    "each connector stands where its person may, and a refusal says why",
    onStage(async (stage) => {
      expect(await stage.statuses()).toMatchObject(standing);
      await stage.workbench.screenshot("facade-editor");
      expect(await refusal(stage, "payroll")).toContain("you lack the role");
    }),
  );

  test(
    "Claude Code lists those that are ready",
    onStage(async (stage) => {
      const listed = await stage.claude.list();
      for (const name of ["crm", "wiki", "notes"])
        expect(listed).toMatch(new RegExp(`^${name}: .*✔ Connected$`, "m"));
      expect(listed).toMatch(/^payroll: (?!.*Connected)/m);
    }),
  );

  test.each([
    ["crm", "crm", "acme"],
    ["wiki", "wiki", "acme"],
    ["notes", upstreamAudience, upstreamRealm],
  ])(
    "Claude Code calls %s as the person",
    onStage(async (stage, name: string, audience: string, realm: string) => {
      const sub = await stage.keycloak.admin.idOf(`/realms/${realm}/users?username=alice&exact=true`);
      const said = await stage.claude.whoami(name);
      expect(said).toMatchObject({ sub });
      expect([(said as { aud: unknown }).aud].flat()).toContain(audience);
    }),
  );

  test.each([
    ["crm", "unauthorized_client"],
    ["notes", "invalid_request"],
  ])(
    "the credential of %s, sent back as a person's token, is refused",
    onStage(async (stage, name: string, error: string) => {
      const { Authorization: header = "" } = await stage.shell.helper(name);
      const body = new URLSearchParams({
        ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", resource: crmResource },
        ...{ client_id: stage.keycloak.need.clientId, subject_token: header.replace("Bearer ", "") },
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      });
      const reply = await fetch(`${stage.facade.url}/token`, { method: "POST", body });
      expect(await reply.json()).toMatchObject({ error });
    }),
  );

  test(
    "a helper that is called within a second of an administrator's logout is refused",
    onStage(async (stage) => {
      expect(await refusal(stage, "crm")).toBeUndefined();
      await stage.keycloak.endSessions?.();
      const endedMs = performance.now();
      let [said, calledMs]: [string | undefined, number] = [undefined, 0];
      while (said === undefined && calledMs < 30_000) {
        calledMs = performance.now() - endedMs;
        said = await refusal(stage, "crm");
      }
      const refusedMs = performance.now() - endedMs;
      const times = `called ${calledMs.toFixed(0)} ms and refused ${refusedMs.toFixed(0)} ms after the logout`;
      console.log(`The first helper that was refused: ${times}. ${said ?? ""}`);
      expect(said).toContain("Sign In");
      // How long a program takes to start and to end is the machine's affair.
      expect(calledMs).toBeLessThan(1000);
      expect(await refusal(stage, "notes")).toContain("Sign In");
      await expect.poll(() => stage.statuses()).toMatchObject({ crm: "Signed out" });
      expect(await stage.claude.list()).not.toContain("✔ Connected");
    }, true),
  );
});
