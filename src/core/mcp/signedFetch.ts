import { sha256Hex } from "../hash.ts";
import type { SignOne } from "../credentials/grant.ts";
import type { Fetch } from "../ports.ts";

/** Fetches with each request signed. */
export const signedFetch =
  (fetch: Fetch, sign: SignOne): Fetch =>
  async (url, init = {}) => {
    const { method = "GET", body } = init;
    if (typeof body === "object" && body !== null) throw new TypeError("Only a text can be signed.");
    const bodyHash = typeof body === "string" ? await sha256Hex(body) : "";
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(await sign({ method, url, bodyHash })))
      headers.set(name, value.reveal());
    return fetch(url, { ...init, headers });
  };
