import * as z from "zod";
import { notSetUp, unavailable, type FacadeAnswer } from "../core/answer.ts";
import { secretPlace, secureAddress } from "../core/config/parts.ts";
import { adapter, vaultFailure, type FailureRule } from "./adapter.ts";
import { tokenTypeOf } from "./oauth.ts";

const wrongKey: FailureRule = { status: 403, then: () => unavailable("Nango refuses the facade's key.") };

const list = z.looseObject({
  connections: z.array(
    z.looseObject({
      connection_id: z.string(),
      provider_config_key: z.string(),
      /** Whose it is; null for one that was made for nobody. */
      end_user: z.looseObject({ id: z.string() }).nullish(),
    }),
  ),
});
const credentials = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("OAUTH2"),
    access_token: z.string().min(1),
    expires_at: z.string().nullish(),
  }),
  z.looseObject({ type: z.literal("API_KEY"), apiKey: z.string().min(1) }),
]);
const session = z.looseObject({ data: z.looseObject({ connect_link: z.string() }) });

/** Nango, from its documents and SDK; no live environment was called. */
export const nango = adapter({
  vault: z.strictObject({
    adapter: z.literal("nango").describe("Nango."),
    url: secureAddress.default("https://api.nango.dev"),
    secretKey: secretPlace,
  }),
  target: z.strictObject({ integration: z.string().min(1).describe("The integration's id.") }),
  ask: async ({ vault, target, person, secret, wire, page }) => {
    const headers = { authorization: `Bearer ${(await secret(vault.secretKey)).reveal()}` };
    const at = (path: string): string => new URL(path, vault.url).href;
    const { integration } = target;
    const found = await wire({
      method: "GET",
      url: at(`/connections?endUserId=${encodeURIComponent(person.subject)}`),
      headers,
    });
    if (found.kind === "unreachable") return unavailable(found.reason);
    if (found.status !== 200) return vaultFailure(found, [wrongKey]);
    // What the query asks for is not enough to tell whose connection came back.
    const id = list
      .safeParse(found.body)
      .data?.connections.find(
        (each) => each.provider_config_key === integration && each.end_user?.id === person.subject,
      )?.connection_id;
    const connect = async (memo: Readonly<Record<string, string>>): Promise<FacadeAnswer> => ({
      ...{ kind: "connect", url: await page(memo), reason: "Connect your account first." },
    });
    if (id === undefined) return connect({});
    const query = `provider_config_key=${encodeURIComponent(integration)}`;
    const url = at(`/connections/${encodeURIComponent(id)}?${query}`);
    const result = await wire({ method: "GET", url, headers });
    if (result.kind === "unreachable") return unavailable(result.reason);
    // Refreshing has failed until Nango gave up, or the connection is gone by now.
    if (result.status === 424 || result.status === 404) return connect({ connection: id });
    if (result.status !== 200) return vaultFailure(result, [wrongKey]);
    return (
      nangoGrant(result.body["credentials"]) ??
      notSetUp("Nango's credentials are of a kind that is not known here.")
    );
  },
  connect: {
    // The person ends on Nango's page, which leads nowhere.
    begin: async ({ vault, target, subject, memo: { connection }, secret, wire }) => {
      const { integration } = target;
      const isAgain = connection !== undefined;
      const result = await wire({
        url: new URL(isAgain ? "/connect/sessions/reconnect" : "/connect/sessions", vault.url).href,
        headers: { authorization: `Bearer ${(await secret(vault.secretKey)).reveal()}` },
        json: isAgain
          ? { connection_id: connection, integration_id: integration }
          : { end_user: { id: subject }, allowed_integrations: [integration] },
      });
      if (result.kind === "unreachable") return { kind: "failed", reason: "Nango does not answer now." };
      const url = session.safeParse(result.body).data?.data.connect_link;
      return url === undefined || result.status > 299
        ? { kind: "failed", reason: "Nango has named no page for it." }
        : { kind: "go", url };
    },
  },
});

const nangoGrant = (value: unknown): FacadeAnswer | undefined => {
  const read = credentials.safeParse(value);
  if (!read.success) return undefined;
  if (read.data.type === "API_KEY")
    return {
      kind: "granted",
      token: read.data.apiKey,
      tokenType: "N_A",
      issuedTokenType: "urn:nango:api-key",
    };
  const seconds = Math.floor((Date.parse(read.data.expires_at ?? "") - Date.now()) / 1000);
  return {
    ...{ kind: "granted", token: read.data.access_token, tokenType: "Bearer" },
    issuedTokenType: tokenTypeOf("access_token"),
    ...(Number.isFinite(seconds) ? { expiresInSeconds: Math.max(0, seconds) } : {}),
  };
};
