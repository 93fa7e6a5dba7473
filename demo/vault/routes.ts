import { z } from "zod";
import { html, type Reply } from "../http/reply.ts";
import { readForm, readJson } from "../http/request.ts";
import type { Call, Route } from "../http/router.ts";
import type { Stats } from "../stats.ts";
import type { Asking, Desk } from "./desk.ts";
import { answerEvents } from "./formats/eventFeed.ts";
import { answerLookup } from "./formats/lookup.ts";
import { answerExchange } from "./formats/tokenExchange.ts";
import { donePage, gonePage, helpPage, requestPage } from "./pages.ts";
import { isOver, type PersonRequest } from "./requests.ts";
import type { Vault } from "./vault.ts";

/** The body of the home-made format: the connector that is meant. */
const checkout = z.object({ connector: z.string() });

export interface VaultParts {
  readonly url: string;
  readonly vault: Vault;
  readonly desk: Desk;
  readonly stats: Stats;
  /** The connector behind a resource URL. */
  readonly nameOf: (resource: string) => string | undefined;
}

/** The vault's own listener: every wire format it speaks, and the pages for people. */
export const vaultRoutes = (parts: VaultParts): readonly Route[] => {
  const { desk, stats, vault } = parts;
  const asking = ({ request, url, signal }: Call): Asking => ({
    headers: request.headers,
    method: request.method ?? "GET",
    url: `${parts.url}${url.pathname}`,
    signal,
  });
  const lookUp = (member: "credential" | "api_key", connector: string, call: Call): Promise<Reply> => {
    stats.count("lookups");
    return answerLookup(desk, connector, member, asking(call));
  };
  return [
    {
      method: "POST",
      path: "/token",
      answer: async (call) => {
        stats.count("exchanges");
        const form = await readForm(call.request);
        return answerExchange(desk, parts.nameOf, { ...asking(call), form });
      },
    },
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
      answer: (call) => answerEvents(desk, vault.events, call.url.searchParams, asking(call)),
    },
    ...pageRoutes(vault),
  ];
};

/** The pages for people. */
const pageRoutes = (vault: Vault): readonly Route[] => [
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
  return request.state === "pending" && !isOver(request) ? request : undefined;
};

const showRequest = (vault: Vault, id: string): Reply => {
  const request = openRequest(vault, id);
  if (request === undefined) return html(410, gonePage());
  return html(200, requestPage(request, titleOf(vault, request.connector)));
};

const acceptRequest = (vault: Vault, id: string): Reply => {
  const request = openRequest(vault, id);
  if (request === undefined || !vault.settle(id, "approved")) return html(410, gonePage());
  return html(200, donePage(titleOf(vault, request.connector)));
};

const showHelp = (vault: Vault, connector: string): Reply => {
  const policy = vault.policy(connector);
  const reason = policy?.reason ?? "Your company decides who may use which connector.";
  return html(200, helpPage(titleOf(vault, connector), reason));
};
