import { z } from "zod";
import { html, type PageReply } from "../http/reply.ts";
import { readForm, readJson } from "../http/request.ts";
import type { RouteCall, DemoRoute } from "../http/router.ts";
import type { Stats } from "../stats.ts";
import type { VaultRequest, VaultFrontend } from "./frontend.ts";
import { answerEvents } from "./formats/eventFeed.ts";
import { answerLookup } from "./formats/lookup.ts";
import { answerSts } from "./formats/sts.ts";
import { answerExchange } from "./formats/tokenExchange.ts";
import { donePage, gonePage, helpPage, requestPage } from "./pages.ts";
import { isRequestOver, type PersonRequest } from "./requests.ts";
import type { Vault } from "./vault.ts";

/** The body of the home-made format: the connector that is meant. */
const checkout = z.object({ connector: z.string() });

/** Where a home-made format puts the token. */
type TokenMember = "credential" | "api_key";

export interface VaultParts {
  readonly url: string;
  readonly vault: Vault;
  readonly frontend: VaultFrontend;
  readonly stats: Stats;
  /** The connector behind a resource URL. */
  readonly nameOf: (resource: string) => string | undefined;
}

/** The vault's own listener: every wire format it speaks, and the pages for people. */
export const vaultRoutes = (parts: VaultParts): readonly DemoRoute[] => {
  const { frontend, stats, vault } = parts;
  const sender = ({ request, url, signal }: RouteCall): VaultRequest => ({
    headers: request.headers,
    method: request.method ?? "GET",
    url: `${parts.url}${url.pathname}`,
    signal,
  });
  const lookUp = (member: TokenMember, connector: string, call: RouteCall): Promise<PageReply> => {
    stats.count("lookups");
    return answerLookup(frontend, connector, member, sender(call));
  };
  return [
    ...formRoutes(parts, sender),
    {
      method: "GET",
      path: "/v1/lookup/:connector",
      answer: (call) => lookUp("credential", call.params["connector"] ?? "", call),
    },
    {
      method: "GET",
      path: "/v1/keys/:connector",
      answer: (call) => lookUp("api_key", call.params["connector"] ?? "", call),
    },
    {
      method: "POST",
      path: "/v1/checkout",
      answer: async (call) => {
        const body = checkout.safeParse(await readJson(call.request, 4096));
        return lookUp("credential", body.success ? body.data.connector : "", call);
      },
    },
    {
      method: "GET",
      path: "/events",
      answer: (call) => answerEvents(frontend, vault.events, call.url.searchParams, sender(call)),
    },
    ...pageRoutes(vault),
  ];
};

/** The formats that are asked by a form. */
const formRoutes = (
  { frontend, stats, nameOf }: VaultParts,
  sender: (call: RouteCall) => VaultRequest,
): readonly DemoRoute[] => [
  {
    method: "POST",
    path: "/token",
    answer: async (call) => {
      stats.count("exchanges");
      const form = await readForm(call.request);
      return answerExchange(frontend, nameOf, { ...sender(call), form });
    },
  },
  {
    method: "POST",
    path: "/sts",
    answer: async (call) => {
      stats.count("exchanges");
      return answerSts(frontend, { ...sender(call), form: await readForm(call.request) });
    },
  },
];

/** The pages for people. */
const pageRoutes = (vault: Vault): readonly DemoRoute[] => [
  { method: "GET", path: "/requests/:id", answer: ({ params }) => showRequest(vault, params["id"] ?? "") },
  {
    method: "POST",
    path: "/requests/:id",
    answer: ({ params }) => acceptRequest(vault, params["id"] ?? ""),
  },
  {
    method: "GET",
    path: "/help/:connector",
    answer: ({ params }) => showHelp(vault, params["connector"] ?? ""),
  },
];

const titleOf = (vault: Vault, connector: string): string =>
  vault.connectors.find(({ name }) => name === connector)?.title ?? connector;

/** The open request that a person may settle on a page; pushes are for the phone alone. */
const openRequest = (vault: Vault, id: string): PersonRequest | undefined => {
  const request = vault.requests.find(id);
  if (request === undefined || request.kind === "push") return undefined;
  return request.state === "pending" && !isRequestOver(request) ? request : undefined;
};

const showRequest = (vault: Vault, id: string): PageReply => {
  const request = openRequest(vault, id);
  if (request === undefined) return html(410, gonePage());
  return html(200, requestPage(request, titleOf(vault, request.connector)));
};

const acceptRequest = (vault: Vault, id: string): PageReply => {
  const request = openRequest(vault, id);
  if (request === undefined || !vault.settle(id, "approved")) return html(410, gonePage());
  return html(200, donePage(titleOf(vault, request.connector)));
};

const showHelp = (vault: Vault, connector: string): PageReply => {
  const policy = vault.policy(connector);
  const reason = policy?.reason ?? "Your company decides who may use which connector.";
  return html(200, helpPage(titleOf(vault, connector), reason));
};
