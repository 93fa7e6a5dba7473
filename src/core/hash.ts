/** SHA-256 of a text in UTF-8, in lower-case hex. */
export const sha256Hex = async (text: string): Promise<string> =>
  Array.from(await sha256(text), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The same in base64url without padding (RFC 4648, section 5), as `ath` of DPoP has it. */
export const sha256Base64url = async (text: string): Promise<string> => base64url(await sha256(text));

export const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

const sha256 = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
