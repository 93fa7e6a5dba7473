import { assertSecureUrl } from "./urls.ts";

/** Where events of one Application Insights resource go. */
export interface Ingestion {
  readonly instrumentationKey: string;
  readonly url: string;
}

const publicEndpoint = "https://dc.services.visualstudio.com";

/**
 * Reads a connection string of Application Insights: `Key=Value` pairs between semicolons, the keys in any case.
 * `IngestionEndpoint` names the host; `EndpointSuffix`, with `Location` before it, does so for sovereign clouds.
 * @returns undefined where it has no instrumentation key.
 * @throws LanyardError `insecureUrl` when the endpoint is no https URL.
 */
export const ingestionOf = (connectionString: string): Ingestion | undefined => {
  const fields = new Map(
    connectionString.split(";").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, Math.max(at, 0)).trim().toLowerCase(), pair.slice(at + 1).trim()] as const;
    }),
  );
  const instrumentationKey = fields.get("instrumentationkey") ?? "";
  if (instrumentationKey === "") return undefined;
  const suffix = fields.get("endpointsuffix");
  const location = fields.get("location");
  const ofSuffix =
    suffix === undefined ? undefined : `https://${location === undefined ? "" : `${location}.`}dc.${suffix}`;
  const endpoint = fields.get("ingestionendpoint") ?? ofSuffix ?? publicEndpoint;
  return { instrumentationKey, url: assertSecureUrl(`${endpoint.replace(/\/+$/, "")}/v2.1/track`).href };
};

/**
 * The request that records one custom event: a line of JSON with no fact about person or machine beside the given ones.
 * @param nowMs - when it happened, in milliseconds since the epoch.
 */
export const trackRequest = (
  { instrumentationKey }: Ingestion,
  event: { readonly name: string; readonly properties: Readonly<Record<string, string>> },
  nowMs: number,
): RequestInit & { readonly body: string } => ({
  method: "POST",
  headers: { "content-type": "application/x-json-stream" },
  body: JSON.stringify({
    name: "Microsoft.ApplicationInsights.Event",
    time: new Date(nowMs).toISOString(),
    iKey: instrumentationKey,
    tags: { "ai.cloud.role": "lanyard" },
    data: { baseType: "EventData", baseData: { ver: 2, ...event } },
  }),
});
