import type Provider from "oidc-provider";

/** What each kind of token begins with, so that a leaked one is found by its first letters. */
export const tokenMarks = { accessToken: "acme_at_", refreshToken: "acme_rt_" } as const;

export const markTokens = (provider: Provider): void => {
  mark(provider.AccessToken.prototype, tokenMarks.accessToken);
  mark(provider.RefreshToken.prototype, tokenMarks.refreshToken);
};

/** oidc-provider asks each token for its own value; its types do not speak of it. */
const mark = (prototype: object, prefix: string): void => {
  const generate: unknown = Reflect.get(prototype, "generateTokenId");
  if (typeof generate !== "function") throw new Error("oidc-provider makes its tokens in another way.");
  Reflect.set(prototype, "generateTokenId", function (this: object): string {
    return prefix + String(Reflect.apply(generate, this, []));
  });
};
