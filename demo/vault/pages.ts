import { escape, form, page } from "../http/page.ts";
import type { PersonRequest } from "./requests.ts";

/** Connect an account, or confirm: one button. */
export const requestPage = (request: PersonRequest, title: string): string =>
  request.kind === "connection"
    ? page({
        title: `Connect ${title}`,
        body: `<p>Acme's vault would keep your ${escape(title)} account, so that your tools can use it as you.</p>
${form({ action: `/requests/${request.id}`, button: `Connect ${title} as ${request.user}` })}`,
      })
    : page({
        title: `Confirm ${title}`,
        body: `<p>${escape(request.bindingMessage)}</p>
${form({ action: `/requests/${request.id}`, button: `Allow ${title} as ${request.user}` })}`,
      });

export const donePage = (title: string): string =>
  page({ title: `${title} is ready`, body: "<p>You can go back to the editor.</p>" });

export const gonePage = (): string =>
  page({ title: "This link is over", body: "<p>Go back to the editor and start again.</p>" });

export const helpPage = (title: string, reason: string): string =>
  page({
    title: `Why not ${title}?`,
    body: `<p>${escape(reason)}</p><p class="muted">The Acme IT desk answers at extension 4711.</p>`,
  });
