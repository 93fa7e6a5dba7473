import * as z from "zod";
import { isSecureUrl } from "../../../../src/core/urls.ts";
import { adapters, vaultSchema } from "../../adapters/registry.ts";
import { vaultClient, secretPlace, secureAddress } from "./parts.ts";
import { policySchema } from "./policy.ts";

const identityProvider = z
  .strictObject({
    issuer: secureAddress.describe("As its metadata spells it, to the letter."),
    clients: z.array(z.string().min(1)).min(1).describe("The public clients that people sign in with."),
    audience: z
      .string()
      .min(1)
      .describe("What the `aud` of a user's token has to hold, so that it is meant for this facade."),
    ...vaultClient,
    subjectTokens: z
      .array(z.enum(["access_token", "id_token"]))
      .min(1)
      .default(["access_token"])
      .describe("Which of the user's tokens are taken."),
    liveness: z
      .enum(["introspection", "userinfo", "none"])
      .default("introspection")
      .describe(
        "How the identity provider is asked whether the session still lives. With none (Entra offers neither), one that has ended lives as long as its access token.",
      ),
    livenessSeconds: z.number().min(0).max(60).default(5).describe("So long its answer is believed."),
  })
  .refine((idp) => !idp.clients.includes(idp.audience), {
    path: ["audience"],
    error:
      "Name an audience of the facade's own: a public client's would let ID tokens pass as access tokens.",
  })
  .refine((idp) => !idp.clients.includes(idp.clientId), {
    path: ["clients"],
    error: "Take the facade's own client out: what a vault gives it would pass for a person's token.",
  });

const target = z.strictObject({
  vault: z.string().min(1).describe("Which of `vaults` is asked."),
  ask: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("What the vault is asked for, whatever the caller sent."),
  connector: z.string().optional().describe("The entry's name in .mcp.json, for events."),
  policy: policySchema.default({ require: [], acr: [] }),
});

const sharedSignals = z.strictObject({
  issuer: secureAddress.describe("Of the transmitter's security event tokens."),
  jwksUri: secureAddress,
  audience: z.string().min(1),
  push: z
    .strictObject({ authorization: secretPlace.describe("The whole header that the transmitter sends.") })
    .optional()
    .describe("RFC 8935, at /events/receive."),
  poll: z
    .strictObject({ endpoint: secureAddress, authorization: secretPlace })
    .optional()
    .describe("RFC 8936."),
});

/** Without TLS on this machine alone: who can write there could approve in a person's name. */
const isStoreAddress = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || !/^rediss?:$/.test(url.protocol)) return false;
  const web = URL.parse(text.replace(/^redis(s?):/, "http$1:"));
  return web !== null && isSecureUrl(web) && web.password === "" && web.username === "";
};

const store = z
  .strictObject({
    url: z
      .string()
      .refine(
        isStoreAddress,
        "Write rediss://HOST:PORT (redis:// only on this machine), without user name and password.",
      )
      .describe("Redis 6 or later, or Valkey."),
    username: z.string().min(1).optional(),
    password: secretPlace.optional(),
    prefix: z.string().default("lanyard-facade:").describe("Before each of its keys."),
  })
  .describe("What several instances share. Without it everything is in the memory of one.");
export type StoreConfig = z.output<typeof store>;

/** Whether the client of a vault is a public one of the same server, whose tokens are taken for people's. */
const isGivenPeoplesTokens = (
  vault: z.output<typeof vaultSchema>,
  { clients, issuer }: z.output<typeof identityProvider>,
): boolean => {
  if (!("clientId" in vault) || vault.clientId === undefined || !clients.includes(vault.clientId))
    return false;
  return vault.adapter !== "oauth" || URL.parse(vault.endpoint)?.origin === URL.parse(issuer)?.origin;
};

export const facadeSchema = z
  .strictObject({
    $schema: z.string().optional(),
    url: secureAddress.describe("The facade's own address, as callers write it."),
    listen: z
      .strictObject({
        host: z.string().default("127.0.0.1"),
        port: z.number().int().min(0).max(65_535).default(8787),
      })
      .default({ host: "127.0.0.1", port: 8787 }),
    identityProvider,
    vaults: z.record(z.string(), vaultSchema),
    targets: z.record(z.string(), target).describe("By `resource`, as the entry in .mcp.json names it."),
    sharedSignals: sharedSignals.optional(),
    store: store.optional(),
    questionsPerMinute: z.number().int().min(1).default(120).describe("Of one person."),
  })
  .superRefine((config, context) => {
    for (const [name, vault] of Object.entries(config.vaults)) {
      if (!isGivenPeoplesTokens(vault, config.identityProvider)) continue;
      const message = "People sign in with this client: what the vault gives it would pass for their token.";
      context.addIssue({ code: "custom", path: ["vaults", name, "clientId"], message });
    }
    for (const [name, { vault, ask }] of Object.entries(config.targets)) {
      const path = ["targets", name];
      const found = Object.hasOwn(config.vaults, vault) ? config.vaults[vault] : undefined;
      if (found === undefined) {
        const message = `There is no vault "${vault}". Write one of: ${Object.keys(config.vaults).join(", ")}.`;
        context.addIssue({ code: "custom", path: [...path, "vault"], message });
        continue;
      }
      const read = adapters[found.adapter].target.safeParse(ask);
      for (const issue of read.error?.issues ?? [])
        context.addIssue({ code: "custom", path: [...path, "ask", ...issue.path], message: issue.message });
    }
  });

export type FacadeConfig = z.output<typeof facadeSchema>;
export type FacadeIdp = FacadeConfig["identityProvider"];

/** JSON schema for completion in `facade.json`. */
export const facadeJsonSchema = (): object => z.toJSONSchema(facadeSchema, { io: "input" });

export type ReadConfig =
  | { readonly kind: "config"; readonly config: FacadeConfig }
  /** A line each: where it stands, what is wrong, what to do. */
  | { readonly kind: "issues"; readonly issues: readonly string[] };

/** Reads the text of `facade.json`. No issue repeats a value of the file. */
export const readFacadeConfig = (text: string): ReadConfig => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: "issues", issues: ["facade.json is not JSON: check its commas and quotation marks."] };
  }
  const read = facadeSchema.safeParse(json);
  if (read.success) return { kind: "config", config: read.data };
  return {
    kind: "issues",
    issues: read.error.issues.map((issue) => `${placeOf(issue.path)}: ${remedyOf(issue)}`),
  };
};

const placeOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? "facade.json"
    : path
        .map((part) => (/^\w+$/.test(String(part)) ? String(part) : JSON.stringify(String(part))))
        .join(".");

const remedyOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "unrecognized_keys") return `Take out ${issue.keys.join(", ")}: nothing reads it.`;
  if (issue.code === "invalid_type" && issue.input === undefined) return `It is missing. ${issue.message}.`;
  return /[.!]$/.test(issue.message) ? issue.message : `${issue.message}.`;
};
