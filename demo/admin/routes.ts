import { html, liveHtml, seeOther } from "../http/reply.ts";
import { readForm } from "../http/request.ts";
import type { Route } from "../http/router.ts";
import { apiRoutes, understood } from "./api.ts";
import type { Office } from "./office.ts";
import { adminPage, phonePage } from "./pages.ts";
import { policyChange } from "./schema.ts";

/** The administrators' listener: JSON, the page with its forms, and the page that stands in for the phones. */
export const adminRoutes = (office: Office): readonly Route[] => [
  ...apiRoutes(office),
  ...pageRoutes(office),
];

const pageRoutes = (office: Office): readonly Route[] => [
  {
    method: "GET",
    path: "/",
    answer: () =>
      html(
        200,
        adminPage({
          users: office.users(),
          policies: office.policies(),
          approvals: office.approvals(),
          audit: office.audit(),
        }),
      ),
  },
  { method: "GET", path: "/phone", answer: () => liveHtml(200, phonePage(office.approvals())) },
  post("/users/:name/revoke", "/", ({ name = "" }) => office.revoke(name)),
  post("/users/:name/restore", "/", ({ name = "" }) => office.restore(name)),
  post("/phone/:id/approve", "/phone", ({ id = "" }) => office.decide(id, "approved")),
  post("/phone/:id/reject", "/phone", ({ id = "" }) => office.decide(id, "rejected")),
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
      office.setPolicy(params["connector"] ?? "", understood(change));
      return seeOther("/");
    },
  },
];

/** A button: does one thing and shows the page again. */
const post = (
  path: string,
  back: string,
  act: (params: Readonly<Record<string, string>>) => unknown,
): Route => ({
  method: "POST",
  path,
  answer: ({ params }) => {
    act(params);
    return seeOther(back);
  },
});
