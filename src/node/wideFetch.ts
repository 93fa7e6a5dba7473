import type { Fetch } from "../core/ports.ts";

/**
 * A fetch that also takes replies with more header bytes than Node's own can read (16 KiB, and fetch knows no option for it): gateways
 * that keep their session in cookies send such. A GET is asked once more by Node's other client, and from then on whatever goes to that
 * origin. Anything else may have done its work already, and fails the first time.
 */
export const wideFetch = (fetch: Fetch): Fetch => {
  const wideOrigins = new Set<string>();
  return async (url, init = {}) => {
    const { origin } = new URL(url);
    const again = async (): Promise<Response> => (await import("./wideRequest.ts")).wideRequest(url, init);
    if (wideOrigins.has(origin)) return again();
    try {
      return await fetch(url, init);
    } catch (error) {
      // Loaded when something has failed: the editor's start needs none of it.
      const { hasTooManyHeaders } = await import("../core/http.ts");
      if (!hasTooManyHeaders(error)) throw error;
      wideOrigins.add(origin);
      if (!["GET", "HEAD"].includes(init.method?.toUpperCase() ?? "GET")) throw error;
      return again();
    }
  };
};
