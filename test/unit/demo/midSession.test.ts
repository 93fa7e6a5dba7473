import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { auditView } from "../../../demo/admin/schema.ts";
import type { Acme } from "../../../demo/demo.ts";
import { approvals, connectorUrl, exchange, grantedSecret, signIn, start } from "./acme.ts";

let demo: Acme;
beforeAll(async () => {
  demo = await start();
});
afterAll(() => demo.close());

const traceOf = (digit: string): { readonly id: string; readonly traceparent: string } => {
  const id = digit.repeat(32);
  return { id, traceparent: `00-${id}-b7ad6b7169203331-01` };
};

const call = (secret: string): Promise<Response> =>
  fetch(connectorUrl(demo, "salesforce"), {
    method: "POST",
    headers: {
      authorization: `Bearer ${secret}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "create_opportunity", arguments: { name: "Globex", amount: 50_000 } },
    }),
  });

it("a large opportunity is refused, approved on the phone, and created; the audit log joins it all", async () => {
  const { tokens } = await signIn(demo);
  const [first, second] = [traceOf("1"), traceOf("2")];
  const ask = (headers: Readonly<Record<string, string>>): ReturnType<typeof exchange> =>
    exchange(demo, tokens.access_token, "salesforce", headers);

  const plain = grantedSecret(await ask({ traceparent: first.traceparent }));
  expect((await call(plain)).status).toBe(401);

  const pending = await ask({ traceparent: second.traceparent });
  expect(pending.body["error"]).toBe("authorization_pending");
  const [push] = await approvals(demo);
  const held = ask({ traceparent: second.traceparent, prefer: "wait=20" });
  await fetch(`${demo.admin}/api/approvals/${push?.id ?? ""}/approve`, { method: "POST" });
  const approved = grantedSecret(await held);

  const created = await call(approved);
  expect(created.status).toBe(200);
  expect(await created.text()).toContain("Created the opportunity");

  const audit = z.array(auditView).parse(await (await fetch(`${demo.admin}/api/audit`)).json());
  const story = audit.map(({ policy, outcome, traceId }) => ({ policy, outcome, traceId }));
  const demanded = "demanded-by-connector";
  expect(story.slice(0, 3)).toEqual([
    { policy: "allowed", outcome: "granted", traceId: first.id },
    { policy: demanded, outcome: "refused", traceId: first.id },
    { policy: demanded, outcome: "push", traceId: second.id },
  ]);
  expect(story.at(-1)).toEqual({ policy: demanded, outcome: "granted", traceId: second.id });
  expect(audit[1]?.credentialId).toBe(audit[0]?.credentialId);
  expect(audit.at(-1)?.credentialId).not.toBe(audit[0]?.credentialId);
});
