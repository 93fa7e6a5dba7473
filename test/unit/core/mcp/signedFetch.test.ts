import { describe, expect, it } from "vitest";
import { signedFetch } from "../../../../src/core/mcp/signedFetch.ts";
import { Secret } from "../../../../src/core/secret.ts";

/** Wants this nonce in the proof, if any. */
const server = (nonce?: string): { readonly proofs: string[]; readonly fetch: typeof fetch } => {
  const proofs: string[] = [];
  return {
    proofs,
    fetch: (_url, init) => {
      const proof = new Headers(init?.headers).get("dpop") ?? "";
      proofs.push(proof);
      const isRight = nonce === undefined || proof.endsWith(nonce);
      const headers = nonce === undefined ? {} : { "dpop-nonce": nonce };
      return Promise.resolve(new Response("x", { status: isRight ? 200 : 401, headers }));
    },
  };
};

const ask = async ({ fetch }: ReturnType<typeof server>): Promise<number> => {
  const signed = signedFetch(
    (url, init) => fetch(url, init),
    ({ method, nonce = "" }) => Promise.resolve({ dpop: new Secret(`${method} ${nonce}`) }),
  );
  return (await signed("https://mcp.example.com/mcp", { method: "POST", body: "{}" })).status;
};

describe("a fetch that signs", () => {
  it("signs once where nothing more is wanted", async () => {
    const free = server();
    expect(await ask(free)).toBe(200);
    expect(free.proofs).toEqual(["POST"]);
  });

  it("signs once more with the nonce that the server wants", async () => {
    const wanting = server("n-1");
    expect(await ask(wanting)).toBe(200);
    expect(wanting.proofs).toEqual(["POST", "POST n-1"]);
  });
});
