import { randomBytes, randomUUID } from "node:crypto";

/** What the vault has handed out: good for one user at one connector. */
export interface Credential {
  /** Names it in the audit log; not secret. */
  readonly id: string;
  readonly user: string;
  readonly connector: string;
  readonly expiresAtMs: number;
  /** Until when a step-up stands behind it, in seconds since the epoch; 0 when none does. */
  readonly freshUntilSeconds: number;
  /** Trace of the request that it answered. */
  readonly traceId: string | null;
}

export interface IssuedCredential extends Credential {
  /** The secret itself: what the connector is shown. */
  readonly secret: string;
}

/** The credentials that are alive. */
export class Credentials {
  readonly #bySecret = new Map<string, Credential>();
  readonly #lifetimeSeconds: number;

  constructor(lifetimeSeconds: number) {
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  /** How long each lives. */
  get lifetimeSeconds(): number {
    return this.#lifetimeSeconds;
  }

  issue(facts: Omit<Credential, "id" | "expiresAtMs">): IssuedCredential {
    const now = Date.now();
    this.#kill((credential) => credential.expiresAtMs <= now);
    const secret = `acme_${facts.connector}_${randomBytes(24).toString("base64url")}`;
    const credential = { ...facts, id: randomUUID(), expiresAtMs: now + this.#lifetimeSeconds * 1000 };
    this.#bySecret.set(secret, credential);
    return { ...credential, secret };
  }

  /** The credential behind a secret, if it is alive. */
  find(secret: string): Credential | undefined {
    const credential = this.#bySecret.get(secret);
    return credential !== undefined && credential.expiresAtMs > Date.now() ? credential : undefined;
  }

  killUser(user: string): void {
    this.#kill((credential) => credential.user === user);
  }

  killConnector(connector: string): void {
    this.#kill((credential) => credential.connector === connector);
  }

  #kill(fits: (credential: Credential) => boolean): void {
    for (const [secret, credential] of this.#bySecret) if (fits(credential)) this.#bySecret.delete(secret);
  }
}
