import { z } from "zod";
import { json, type Reply } from "../http/reply.ts";
import { readJson, RequestError } from "../http/request.ts";
import type { Call, Route } from "../http/router.ts";
import type { Office } from "./office.ts";
import {
  approvalView,
  auditView,
  decisionView,
  policyChange,
  policyView,
  statsView,
  userView,
} from "./schema.ts";

/** The admin's JSON: `/api/...`. Without a sign-in of its own, because it is a demo on loopback. */
export const apiRoutes = (office: Office): readonly Route[] => [
  route("GET", "/api/users", z.array(userView), () => office.users()),
  route("POST", "/api/users/:name/revoke", userView, (call) => office.revoke(param(call, "name"))),
  route("POST", "/api/users/:name/restore", userView, (call) => office.restore(param(call, "name"))),
  route("GET", "/api/policies", z.array(policyView), () => office.policies()),
  route("GET", "/api/policies/:connector", policyView, (call) => office.policy(param(call, "connector"))),
  route("PUT", "/api/policies/:connector", policyView, async (call) => {
    const change = understood(policyChange.safeParse(await readJson(call.request)));
    return office.setPolicy(param(call, "connector"), change);
  }),
  route("GET", "/api/approvals", z.array(approvalView), () => office.approvals()),
  route("POST", "/api/approvals/:id/approve", decisionView, (call) =>
    office.decide(param(call, "id"), "approved"),
  ),
  route("POST", "/api/approvals/:id/reject", decisionView, (call) =>
    office.decide(param(call, "id"), "rejected"),
  ),
  route("GET", "/api/audit", z.array(auditView), () => office.audit()),
  route("GET", "/api/stats", statsView, () => office.stats.report()),
];

const route = (
  method: Route["method"],
  path: string,
  out: z.ZodType,
  act: (call: Call) => unknown,
): Route => ({
  method,
  path,
  answer: async (call): Promise<Reply> => json(200, out.parse(await act(call))),
});

const param = (call: Call, name: string): string => call.params[name] ?? "";

/** The value, or a RequestError (400) that names what is wrong and where. */
export const understood = <T>(parsed: z.ZodSafeParseResult<T>): T => {
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const place = first === undefined || first.path.length === 0 ? "The body" : first.path.join(".");
  throw new RequestError(400, `${place}: ${first?.message ?? "not understood"}`);
};
