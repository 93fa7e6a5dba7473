import { sha256Hex } from "../hash.ts";
import type { SignOne } from "../credentials/grant.ts";
import type { Fetch } from "../ports.ts";

/** Fetches with each request signed; once more with the nonce that a server wants in the proof (RFC 9449, section 9). */
export const signedFetch =
  (fetch: Fetch, sign: SignOne): Fetch =>
  async (url, init = {}) => {
    const { method = "GET", body } = init;
    if (typeof body === "object" && body !== null) throw new TypeError("Only a text can be signed.");
    const bodyHash = typeof body === "string" ? await sha256Hex(body) : "";
    const once = async (more: { readonly nonce?: string } = {}): Promise<Response> => {
      const headers = new Headers(init.headers);
      for (const [name, value] of Object.entries(await sign({ method, url, bodyHash, ...more })))
        headers.set(name, value.reveal());
      return fetch(url, { ...init, headers });
    };
    const first = await once();
    const nonce = first.headers.get("dpop-nonce");
    if (first.status !== 401 || nonce === null) return first;
    await first.body?.cancel();
    return once({ nonce });
  };
