/** How strongly someone has signed in (OpenID Connect `acr`): by password. */
export const acrPassword = "urn:acme:acr:pwd";

/** By password and a one-time code. */
export const acrMfa = "urn:acme:acr:mfa";
