import type * as z from "zod";
import type { Secret } from "../../../src/core/secret.ts";
import { notSetUp, unavailable, type FacadeAnswer } from "../core/answer.ts";
import type { SecretPlace } from "../core/config/parts.ts";
import { textOf, type Wire, type WireReply, type WireRequest } from "../core/wire.ts";
import type { FacadePerson } from "../core/subject/person.ts";

/** One question to a vault. */
export interface Asking<Vault, Target> {
  readonly vault: Vault;
  readonly target: Target;
  readonly person: FacadePerson;
  /** The facade's own client at the identity provider, whose vault may want no other. */
  readonly idp: { readonly issuer: string; readonly clientId: string; readonly clientSecret: SecretPlace };
  readonly tokenEndpoint: () => Promise<string | undefined>;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly wire: Wire;
  /** Makes the address of the page on which this person connects an account; see `connect`, which is handed `memo`. */
  readonly page: (memo?: Readonly<Record<string, string>>) => Promise<string>;
}

/** What both steps of connecting an account know. Whose it is has been checked. */
interface Connecting<Vault, Target> extends Pick<
  Asking<Vault, Target>,
  "vault" | "target" | "idp" | "secret" | "wire"
> {
  readonly subject: string;
  /** Where the vault's page has to lead back to. */
  readonly returnTo: string;
  readonly nowMs: number;
}

export interface ConnectBegin<Vault, Target> extends Connecting<Vault, Target> {
  readonly memo: Readonly<Record<string, string>>;
  /** Of the sign-in at the page, by the facade's own client. */
  readonly idToken: Secret;
  readonly accessToken: Secret;
}

export interface ConnectFinish<Vault, Target> extends Connecting<Vault, Target> {
  readonly keep: Readonly<Record<string, string>>;
  /** What the vault's page has added to the address. */
  readonly query: URLSearchParams;
}

export interface ConnectFailed {
  readonly kind: "failed";
  /** For the person, and for the record. */
  readonly reason: string;
}

export type ConnectBegun =
  /** @property keep comes back in `finish`, in the same browser alone */
  | { readonly kind: "go"; readonly url: string; readonly keep?: Readonly<Record<string, string>> }
  | ConnectFailed;

/** How a person connects an account, where a server has to begin or to end that. */
export interface ConnectSteps<Vault, Target> {
  /** More of the request by which the person signs in at the page. */
  readonly signIn?: (vault: Vault) => Readonly<Record<string, string>>;
  readonly begin: (connecting: ConnectBegin<Vault, Target>) => Promise<ConnectBegun>;
  /** Left out where the vault ends it by itself. */
  readonly finish?: (
    connecting: ConnectFinish<Vault, Target>,
  ) => Promise<{ readonly kind: "connected" } | ConnectFailed>;
}

/** How to ask one kind of vault: what its part of `facade.json` holds, and what it makes of the vault's replies. */
export interface Adapter<Vault extends z.ZodType, Target extends z.ZodType> {
  readonly vault: Vault;
  readonly target: Target;
  readonly ask: (asking: Asking<z.output<Vault>, z.output<Target>>) => Promise<FacadeAnswer>;
  readonly connect?: ConnectSteps<z.output<Vault>, z.output<Target>>;
}

/** An adapter whose own types nobody outside of it knows: it reads its parts of the configuration itself. */
export interface SomeAdapter<Vault extends z.ZodType = z.ZodType, Target extends z.ZodType = z.ZodType> {
  readonly vault: Vault;
  readonly target: Target;
  readonly ask: (asking: Asking<unknown, unknown>) => Promise<FacadeAnswer>;
  readonly connect?: ConnectSteps<unknown, unknown>;
}

export const adapter = <Vault extends z.ZodType, Target extends z.ZodType>({
  vault,
  target,
  ask,
  connect,
}: Adapter<Vault, Target>): SomeAdapter<Vault, Target> => {
  const read = <Of extends { readonly vault: unknown; readonly target: unknown }>(
    of: Of,
  ): Of & { readonly vault: z.output<Vault>; readonly target: z.output<Target> } => ({
    ...of,
    ...{ vault: vault.parse(of.vault), target: target.parse(of.target) },
  });
  return {
    ...{ vault, target },
    ask: (asking) => ask(read(asking)),
    ...(connect === undefined ? {} : { connect: someSteps(connect, (of) => vault.parse(of), read) }),
  };
};

type Reading<Vault, Target> = <Of extends { readonly vault: unknown; readonly target: unknown }>(
  of: Of,
) => Of & { readonly vault: Vault; readonly target: Target };

const someSteps = <Vault, Target>(
  { signIn, begin, finish }: ConnectSteps<Vault, Target>,
  vaultIn: (vault: unknown) => Vault,
  read: Reading<Vault, Target>,
): ConnectSteps<unknown, unknown> => ({
  ...(signIn === undefined ? {} : { signIn: (vault) => signIn(vaultIn(vault)) }),
  begin: (connecting) => begin(read(connecting)),
  ...(finish === undefined ? {} : { finish: (connecting) => finish(read(connecting)) }),
});

/** What a vault's refusal is. The first rule that fits decides; what no rule knows is misconfigured. */
export interface FailureRule {
  readonly status?: number;
  readonly error?: string;
  /** A member that has to be there. */
  readonly has?: string;
  /** The vendor's own words, where its codes do not tell two things apart. */
  readonly says?: RegExp;
  readonly then: (reply: WireReply) => FacadeAnswer;
}

const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** Reads a reply that is no success: by the adapter's rules, then by what its status says everywhere. */
export const vaultFailure = (
  reply: WireReply,
  rules: readonly FailureRule[],
  words = "error_description",
): FacadeAnswer => {
  const fits = ({ status, error, has, says }: FailureRule): boolean =>
    (status === undefined || status === reply.status) &&
    (error === undefined || error === reply.body["error"]) &&
    (has === undefined || textOf(reply.body, has) !== undefined) &&
    (says === undefined || says.test(textOf(reply.body, words) ?? ""));
  const rule = rules.find(fits);
  if (rule !== undefined) return rule.then(reply);
  if (reply.status >= 500 || passing.has(reply.status))
    return unavailable("The vault does not answer now.", reply.retryAfterSeconds);
  // The vault does not know the facade's own key: nothing that the person can do, and no reason to sign them out.
  if (reply.status === 401) return unavailable("The vault refuses the facade's own credentials.");
  return notSetUp(`The vault refused: ${codeOf(reply)}.`);
};

/** Sends a question, and reads whatever comes of it but a success. */
export const askVault = async (
  wire: Wire,
  request: WireRequest,
  rules: readonly FailureRule[],
  granted: (reply: WireReply) => FacadeAnswer | undefined,
): Promise<FacadeAnswer> => {
  const result = await wire(request);
  if (result.kind === "unreachable") return unavailable(result.reason);
  if (result.status < 200 || result.status > 299) return vaultFailure(result, rules);
  return granted(result) ?? notSetUp("The vault's reply holds no credential.");
};

/** The error code of a reply, as far as it looks like one (RFC 6749, section 5.2), else its status. */
const codeOf = ({ status, body }: WireReply): string => {
  const code = textOf(body, "error") ?? "";
  return /^[\w.:-]{1,80}$/.test(code) ? `${status} ${code}` : String(status);
};
