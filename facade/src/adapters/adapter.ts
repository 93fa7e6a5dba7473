import type * as z from "zod";
import type { Secret } from "../../../src/core/secret.ts";
import { notSetUp, unavailable, type FacadeAnswer } from "../core/answer.ts";
import type { SecretPlace } from "../core/config/parts.ts";
import { knownErrorCode } from "../core/errorCodes.ts";
import { textOf, type Wire, type WireReply, type WireRequest } from "../core/wire.ts";
import type { FacadePerson } from "../core/subject/person.ts";

/** One question to a vault, whatever its kind. */
export interface AskingFor {
  readonly person: FacadePerson;
  /** The facade's own client at the identity provider, whose vault may want no other. */
  readonly idp: { readonly issuer: string; readonly clientId: string; readonly clientSecret: SecretPlace };
  readonly tokenEndpoint: () => Promise<string | undefined>;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly wire: Wire;
  /** Makes the address of the page on which this person connects an account; see `connect`, which is handed `memo`. */
  readonly page: (memo?: Readonly<Record<string, string>>) => Promise<string>;
  /** Where the vault's own page has to lead back to. */
  readonly returnTo: string;
}

/** What both steps of connecting an account know. Whose it is has been checked. */
interface ConnectingFor extends Pick<AskingFor, "idp" | "secret" | "wire" | "returnTo"> {
  readonly subject: string;
}

export interface ConnectBeginFor extends ConnectingFor {
  /** What `page` was given. */
  readonly memo: Readonly<Record<string, string>>;
  /** Of the sign-in at the page, by the facade's own client. */
  readonly idToken: Secret;
  readonly accessToken: Secret;
}

export interface ConnectFinishFor extends ConnectingFor {
  readonly keep: Readonly<Record<string, string>>;
  /** What the vault's page has added to the address. */
  readonly query: URLSearchParams;
}

/** The vault's and the target's part of the configuration. */
interface Parts<Vault, Target> {
  readonly vault: Vault;
  readonly target: Target;
}
export type ConnectBegin<Vault, Target> = ConnectBeginFor & Parts<Vault, Target>;
export type ConnectFinish<Vault, Target> = ConnectFinishFor & Parts<Vault, Target>;

export interface ConnectFailed {
  readonly kind: "failed";
  /** For the person, and for the record. */
  readonly reason: string;
}

export type ConnectBegun =
  /** @property keep comes back in `finish`, in the same browser alone */
  | { readonly kind: "go"; readonly url: string; readonly keep?: Readonly<Record<string, string>> }
  /** There is nothing to do any more. */
  | ConnectFinished;

export type ConnectFinished = { readonly kind: "connected" } | ConnectFailed;

/** How a person connects an account, where a server has to begin or to end that. */
interface ConnectSteps<Vault, Target> {
  /** More of the request by which the person signs in at the page. */
  readonly signIn?: (vault: Vault) => Readonly<Record<string, string>>;
  readonly begin: (connecting: ConnectBegin<Vault, Target>) => Promise<ConnectBegun>;
  /** Left out where the vault ends it by itself. */
  readonly finish?: (connecting: ConnectFinish<Vault, Target>) => Promise<ConnectFinished>;
}

/** One question to a vault. */
export type Asking<Vault, Target> = AskingFor & Parts<Vault, Target>;

/** How to ask one kind of vault: what its part of `facade.json` holds, and what it makes of the vault's replies. */
export interface Adapter<Vault extends z.ZodType, Target extends z.ZodType> {
  readonly vault: Vault;
  readonly target: Target;
  readonly ask: (asking: Asking<z.output<Vault>, z.output<Target>>) => Promise<FacadeAnswer>;
  readonly connect?: ConnectSteps<z.output<Vault>, z.output<Target>>;
}

/** A question to the vault of one target. */
export type AskTarget = (asking: AskingFor) => Promise<FacadeAnswer>;

/** The steps for one target. */
export interface ConnectTarget {
  readonly signIn: Readonly<Record<string, string>>;
  readonly begin: (connecting: ConnectBeginFor) => Promise<ConnectBegun>;
  readonly finish?: (connecting: ConnectFinishFor) => Promise<ConnectFinished>;
}

/** An adapter whose own types nobody outside of it knows: it reads its parts of the configuration itself, once. */
export interface SomeAdapter<Vault extends z.ZodType = z.ZodType, Target extends z.ZodType = z.ZodType> {
  readonly vault: Vault;
  readonly target: Target;
  /** @throws ZodError for parts that the configuration's schema does not let through */
  readonly asker: (vault: unknown, target: unknown) => AskTarget;
  /** Left out where people connect accounts without the facade, or none. @throws as `asker` */
  readonly connector?: (vault: unknown, target: unknown) => ConnectTarget;
}

export const adapter = <Vault extends z.ZodType, Target extends z.ZodType>(
  made: Adapter<Vault, Target>,
): SomeAdapter<Vault, Target> => ({
  vault: made.vault,
  target: made.target,
  asker: (...parts) => {
    const [vault, target] = [made.vault.parse(parts[0]), made.target.parse(parts[1])];
    return (asking) => made.ask({ ...asking, vault, target });
  },
  ...(made.connect === undefined ? {} : { connector: connectorOf(made, made.connect) }),
});

const connectorOf =
  <Vault extends z.ZodType, Target extends z.ZodType>(
    schemas: Pick<Adapter<Vault, Target>, "vault" | "target">,
    { signIn, begin, finish }: ConnectSteps<z.output<Vault>, z.output<Target>>,
  ): NonNullable<SomeAdapter["connector"]> =>
  (...parts) => {
    const [vault, target] = [schemas.vault.parse(parts[0]), schemas.target.parse(parts[1])];
    return {
      signIn: signIn?.(vault) ?? {},
      begin: (connecting) => begin({ ...connecting, vault, target }),
      ...(finish === undefined
        ? {}
        : { finish: (connecting: ConnectFinishFor) => finish({ ...connecting, vault, target }) }),
    };
  };

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

/** The status of a reply, and its error code where that is a known one: it is for the record. */
const codeOf = ({ status, body }: WireReply): string =>
  [String(status), knownErrorCode(body["error"])].filter((part) => part !== undefined).join(" ");
