import { z } from "zod";
import { json, type PageReply } from "../http/reply.ts";
import { readJson, RequestError } from "../http/request.ts";
import type { RouteCall, DemoRoute } from "../http/router.ts";
import type { AdminService } from "./adminService.ts";
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
export const apiRoutes = (service: AdminService): readonly DemoRoute[] => [
  route("GET", "/api/users", z.array(userView), () => service.users()),
  route("POST", "/api/users/:name/revoke", userView, (call) => service.revoke(param(call, "name"))),
  route("POST", "/api/users/:name/restore", userView, (call) => service.restore(param(call, "name"))),
  route("GET", "/api/policies", z.array(policyView), () => service.policies()),
  route("GET", "/api/policies/:connector", policyView, (call) => service.policy(param(call, "connector"))),
  route("PUT", "/api/policies/:connector", policyView, async (call) => {
    const change = understood(policyChange.safeParse(await readJson(call.request)));
    return service.setPolicy(param(call, "connector"), change);
  }),
  route("GET", "/api/approvals", z.array(approvalView), () => service.approvals()),
  route("POST", "/api/approvals/:id/approve", decisionView, (call) =>
    service.decide(param(call, "id"), "approved"),
  ),
  route("POST", "/api/approvals/:id/reject", decisionView, (call) =>
    service.decide(param(call, "id"), "rejected"),
  ),
  route("GET", "/api/audit", z.array(auditView), () => service.audit()),
  route("GET", "/api/stats", statsView, () => service.stats.report()),
];

const route = (
  method: DemoRoute["method"],
  path: string,
  out: z.ZodType,
  act: (call: RouteCall) => unknown,
): DemoRoute => ({
  method,
  path,
  answer: async (call): Promise<PageReply> => json(200, out.parse(await act(call))),
});

const param = (call: RouteCall, name: string): string => call.params[name] ?? "";

/** The value, or a RequestError (400) that names what is wrong and where. */
export const understood = <T>(parsed: z.ZodSafeParseResult<T>): T => {
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const place = first === undefined || first.path.length === 0 ? "The body" : first.path.join(".");
  throw new RequestError(400, `${place}: ${first?.message ?? "not understood"}`);
};
