import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

/** The whole way, told in order: the real editor, the facade, Keycloak, real servers and a real client. */
describe.skipIf(!isStageHere)("from a sign-in in the editor to a call of the client", () => {
  let stage: EditorStage;

  beforeAll(async () => {
    stage = await openEditorStage();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  /** What the helper prints when it refuses: no client can send it, and a person can read it. */
  const refusal = async (name: string): Promise<string | undefined> => {
    const printed = await stage.shell.helper(name);
    return canBeSent(printed) ? undefined : JSON.stringify(printed);
  };

  test("each connector stands where its person may, and a refusal says why", async () => {
    await stage.signIn();
    const standing = { crm: "Ready", wiki: "Ready", notes: "Ready", payroll: "Denied" };
    await expect.poll(() => stage.statuses()).toMatchObject(standing);
    await stage.workbench.screenshot("facade-editor");
    expect(await refusal("payroll")).toContain("you lack the role");
  });

  test("Claude Code lists those that are ready", async () => {
    const listed = await stage.claude.list();
    for (const name of ["crm", "wiki", "notes"])
      expect(listed).toMatch(new RegExp(`^${name}: .*✔ Connected$`, "m"));
    expect(listed).toMatch(/^payroll: (?!.*Connected)/m);
  });

  test.each([
    ["crm", "crm", "acme"],
    ["wiki", "wiki", "acme"],
    ["notes", upstreamAudience, upstreamRealm],
  ])("Claude Code calls %s as the person", async (name, audience, realm) => {
    const sub = await stage.keycloak.admin.idOf(`/realms/${realm}/users?username=alice&exact=true`);
    const said = await stage.claude.whoami(name);
    expect(said).toMatchObject({ sub });
    expect([(said as { aud: unknown }).aud].flat()).toContain(audience);
  });

  test.each([
    ["crm", "unauthorized_client"],
    ["notes", "invalid_request"],
  ])("the credential of %s, sent back as a person's token, is refused", async (name, error) => {
    const { Authorization: header = "" } = await stage.shell.helper(name);
    const body = new URLSearchParams({
      ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", resource: crmResource },
      ...{ client_id: stage.keycloak.need.clientId, subject_token: header.replace("Bearer ", "") },
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    const reply = await fetch(`${stage.facade.url}/token`, { method: "POST", body });
    expect(await reply.json()).toMatchObject({ error });
  });

  test("a helper that is called within a second of an administrator's logout is refused", async () => {
    expect(await refusal("crm")).toBeUndefined();
    await stage.keycloak.endSessions?.();
    const endedMs = performance.now();
    let [said, calledMs]: [string | undefined, number] = [undefined, 0];
    while (said === undefined && calledMs < 30_000) {
      calledMs = performance.now() - endedMs;
      said = await refusal("crm");
    }
    const refusedMs = performance.now() - endedMs;
    const times = `called ${calledMs.toFixed(0)} ms and refused ${refusedMs.toFixed(0)} ms after the logout`;
    console.log(`The first helper that was refused: ${times}. ${said ?? ""}`);
    expect(said).toContain("Sign In");
    // How long a program takes to start and to end is the machine's affair.
    expect(calledMs).toBeLessThan(1000);
    expect(await refusal("notes")).toContain("Sign In");
    await expect.poll(() => stage.statuses()).toMatchObject({ crm: "Signed out" });
    expect(await stage.claude.list()).not.toContain("✔ Connected");
  });
});
