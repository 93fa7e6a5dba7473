import { html, liveHtml, seeOther } from "../http/reply.ts";
import { readForm } from "../http/request.ts";
import type { DemoRoute } from "../http/router.ts";
import { apiRoutes, understood } from "./api.ts";
import type { AdminService } from "./adminService.ts";
import { adminPage, phonePage } from "./pages.ts";
import { policyChange } from "./schema.ts";

/** The administrators' listener: JSON, the page with its forms, and the page that stands in for the phones. */
export const adminRoutes = (service: AdminService): readonly DemoRoute[] => [
  ...apiRoutes(service),
  ...pageRoutes(service),
];

const pageRoutes = (service: AdminService): readonly DemoRoute[] => [
  {
    method: "GET",
    path: "/",
    answer: () =>
      html(
        200,
        adminPage({
          users: service.users(),
          policies: service.policies(),
          approvals: service.approvals(),
          audit: service.audit(),
        }),
      ),
  },
  { method: "GET", path: "/phone", answer: () => liveHtml(200, phonePage(service.approvals())) },
  post("/users/:name/revoke", "/", ({ name = "" }) => service.revoke(name)),
  post("/users/:name/restore", "/", ({ name = "" }) => service.restore(name)),
  post("/phone/:id/approve", "/phone", ({ id = "" }) => service.decide(id, "approved")),
  post("/phone/:id/reject", "/phone", ({ id = "" }) => service.decide(id, "rejected")),
  {
    method: "POST",
    path: "/policies/:connector",
    answer: async ({ request, params }) => {
      const fields = await readForm(request);
      const reason = fields.get("reason") ?? "";
      const change = policyChange.safeParse({
        state: fields.get("state"),
        method: fields.get("method") ?? undefined,
        reason: reason === "" ? undefined : reason,
      });
      service.setPolicy(params["connector"] ?? "", understood(change));
      return seeOther("/");
    },
  },
];

/** A button: does one thing and shows the page again. */
const post = (
  path: string,
  back: string,
  act: (params: Readonly<Record<string, string>>) => unknown,
): DemoRoute => ({
  method: "POST",
  path,
  answer: ({ params }) => {
    act(params);
    return seeOther(back);
  },
});
