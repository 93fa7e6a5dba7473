import type { FailedSignIn } from "../identity/failures.ts";
import { failureSentence } from "../identity/failureWords.ts";
import { parseLoopbackRedirect } from "../identity/redirect.ts";
import { waysFor, type SignInPlace, type SignInWay } from "../identity/signIn/receivers.ts";
import type { Translate } from "../text.ts";
import { hostOf } from "../urls.ts";
import { judgesOf, type Finding } from "./finding.ts";

export interface SignInFacts {
  readonly place: SignInPlace;
  /** The setting `lanyard.signIn.method`. */
  readonly chosen: SignInWay | "auto";
  /** Whether a port of this machine's loopback address can be opened. */
  readonly canListen: boolean;
  /** The redirect that the editor's address scheme makes. */
  readonly uriRedirect: string;
  /** The redirects to this machine that sign-ins here ask for. */
  readonly loopbackRedirects: readonly string[];
  /** The issuers that answered, and whether each offers the device flow (RFC 8628). */
  readonly issuers: readonly { readonly issuer: string; readonly device: boolean }[];
}

/** By which way a sign-in comes back here, and what stands against it. Pure. */
export const judgeSignIn = (facts: SignInFacts, t: Translate): readonly Finding[] => {
  const judge = judgesOf("sign-in");
  const { place, chosen, canListen } = facts;
  const possible = waysFor(place).filter((way) => way !== "loopback" || canListen);
  const ways = waysFor(place, chosen).filter((way) => way !== "loopback" || canListen);
  const [way] = ways;
  if (chosen !== "auto" && !possible.includes(chosen)) {
    return [
      judge.warning(
        t(
          "lanyard.signIn.method wants {0}, which does not work here. Possible: {1}.",
          nameOf(chosen, t),
          namesOf(possible, t),
        ),
        t("Set lanyard.signIn.method to auto."),
      ),
    ];
  }
  if (way === undefined || way === "device") return deviceFindings(facts, t);
  const finding = t(
    "It comes back by {0}. Register this redirect at the identity provider: {1}. Possible here: {2}.",
    nameOf(way, t),
    way === "loopback" ? registrable(facts.loopbackRedirects, t) : facts.uriRedirect,
    namesOf(offered(possible, facts.issuers), t),
  );
  if (place.ui === "desktop" && !place.remote && !canListen) {
    return [
      judge.warning(
        t("No port of this machine can be opened. {0}", finding),
        t("Let the editor open a port on 127.0.0.1, if the identity provider does not know that redirect."),
      ),
    ];
  }
  return [judge.ok(finding)];
};

/** A code is possible where an identity provider takes one; of those that did not answer nothing is known. */
const offered = (possible: readonly SignInWay[], issuers: SignInFacts["issuers"]): readonly SignInWay[] =>
  issuers.length === 0 || issuers.some(({ device }) => device)
    ? possible
    : possible.filter((way) => way !== "device");

/** Word for word what to register; where the port is open, that belongs to it. */
const registrable = (redirects: readonly string[], t: Translate): string =>
  redirects
    .map((text) => (parseLoopbackRedirect(text)?.port === undefined ? t("{0} (with any port)", text) : text))
    .join(", ");

const deviceFindings = ({ issuers }: SignInFacts, t: Translate): readonly Finding[] => {
  const judge = judgesOf("sign-in");
  const without = issuers.filter(({ device }) => !device);
  const impossible = without.map(({ issuer }) =>
    judge.failed(
      t("Signing in at {0} is not possible from here: it offers no sign-in by code.", hostOf(issuer)),
      t(
        "Ask its administrators for the device authorization grant (RFC 8628), or open the folder from VS Code on your desktop.",
      ),
    ),
  );
  if (impossible.length > 0) return impossible;
  return [
    judge.ok(
      t("Only {0} is possible here: you type a code into a page, on any device.", nameOf("device", t)),
    ),
  ];
};

export interface FailedSignInFacts {
  readonly outcome: FailedSignIn;
  readonly atMs: number;
}

/** Sign-ins that failed in this window and were not made good since. Pure. */
export const judgeFailedSignIns = (
  failures: readonly FailedSignInFacts[],
  t: Translate,
): readonly Finding[] =>
  failures.map(({ outcome, atMs }) =>
    judgesOf("sign-in").failed(
      t("The last one failed, at {0}. {1}", new Date(atMs).toISOString(), failureSentence(outcome, t)),
      t(
        "Mend what it names, or send this report to the identity provider's administrators, and sign in again.",
      ),
    ),
  );

const namesOf = (ways: readonly SignInWay[], t: Translate): string =>
  ways.map((way) => nameOf(way, t)).join(", ");

const nameOf = (way: SignInWay, t: Translate): string => {
  switch (way) {
    case "loopback":
      return t("a port of this machine");
    case "uriHandler":
      return t("the editor's address scheme");
    case "device":
      return t("a code");
  }
};

export interface StorageFacts {
  /** What became of a value that was written, read and deleted. */
  readonly probe: "works" | "refuses" | "silent" | "forgets";
  /** A sign-in that was kept is not there any more. */
  readonly hasLost: boolean;
  /** Where it lies. */
  readonly where: "browser" | "desktop";
}

/** Whether the editor's secret storage keeps what it is given. Pure. */
export const judgeStorage = ({ probe, hasLost, where }: StorageFacts, t: Translate): Finding => {
  const judge = judgesOf("secret storage");
  const keyring = t(
    "Unlock or set up the keyring of the system that VS Code's window runs on, then restart it.",
  );
  switch (probe) {
    case "refuses":
      return judge.failed(t("It refuses to keep anything, so no sign-in lasts."), keyring);
    case "silent":
      return judge.failed(
        t("It does not answer, so nothing is handed out."),
        t("Reload the window, or connect it to its machine again."),
      );
    case "forgets":
      return judge.failed(t("It took a value and did not give it back."), keyring);
    case "works":
      if (hasLost) {
        return judge.warning(t("It works, but has lost a sign-in that it once kept."), keyring);
      }
      return judge.ok(
        where === "browser"
          ? t("It keeps what it is given, in this browser.")
          : t("It keeps what it is given, on the machine of VS Code's window."),
      );
  }
};

export interface ApprovalFacts {
  readonly approved: number;
  readonly unapproved: number;
  readonly untrusted: number;
  /** By a policy. */
  readonly forbidden: number;
  /** With mistakes of their own. */
  readonly broken: number;
}

/** What connectors wait for before anything is asked for them. Pure. */
export const judgeApprovals = (facts: ApprovalFacts, t: Translate): readonly Finding[] => {
  const judge = judgesOf("approvals");
  const { approved, unapproved, untrusted, forbidden, broken } = facts;
  const waiting = [
    ...(unapproved === 0
      ? []
      : [
          judge.warning(
            t("Connectors that wait for your approval: {0}.", unapproved),
            t("Run Lanyard: Review Connectors…"),
          ),
        ]),
    ...(untrusted === 0
      ? []
      : [
          judge.warning(
            t("Connectors in a folder that is not trusted: {0}.", untrusted),
            t("Trust the folder if you know who wrote its .mcp.json."),
          ),
        ]),
    ...(forbidden === 0
      ? []
      : [
          judge.warning(
            t("Connectors that a policy forbids: {0}. Nothing was asked for them.", forbidden),
            t("Their rows in the view name the setting; your administrator can change it."),
          ),
        ]),
    ...(broken === 0
      ? []
      : [
          judge.warning(
            t("Entries with a mistake: {0}.", broken),
            t("Open .mcp.json: the problems stand at their places."),
          ),
        ]),
  ];
  if (waiting.length > 0) return waiting;
  return [
    judge.ok(
      approved === 0
        ? t("No connector here uses Lanyard.")
        : t("All connectors are approved: {0}.", approved),
    ),
  ];
};
