import { createHmac, randomBytes } from "node:crypto";
import type { IssuedCredential } from "../vault/credentials.ts";
import type { StsKey } from "./stsXml.ts";

const account = "arn:aws:iam::123456789012:role/";
const ownKey = randomBytes(32);

/** Where Acme's servers in AWS would be. */
export const awsPlace = { region: "eu-central-1", service: "bedrock-agentcore" } as const;

/** The role for one connector. */
export const roleOf = (connector: string): string => `${account}${connector}`;

export const connectorOfRole = (arn: string): string | undefined =>
  arn.startsWith(account) ? arn.slice(account.length) : undefined;

const made = (what: string, secret: string): Buffer =>
  createHmac("sha256", ownKey).update(`${what} ${secret}`).digest();

/** What the vault issues, as a key of AWS: its secret is the session's token, and the rest comes of it. */
export const keyFor = ({ secret }: Pick<IssuedCredential, "secret">): StsKey => ({
  AccessKeyId: `ASIA${made("id", secret).toString("hex").slice(0, 16).toUpperCase()}`,
  SecretAccessKey: made("key", secret).toString("base64"),
  SessionToken: secret,
});
