import * as vscode from "vscode";
import { TokenConsent, type TokenAnswer, type TokenQuestion } from "../../core/history/tokenConsent.ts";
import type { Clock } from "../../core/ports.ts";
import { plainText } from "../../core/text.ts";
import { hostOf } from "../../core/urls.ts";
import type { Consent } from "../../ipc/api/tokenApi.ts";
import { callingProgram } from "../../node/callingProgram.ts";
import { policiesHere } from "../configuration/policies.ts";
import { settingHere } from "../configuration/settings.ts";
import { tellWarning } from "../screen.ts";

const t = vscode.l10n.t;
const hourMs = 3_600_000;

/** `lanyard token`, as the setting, the policies and the person here let it be answered. What cannot be read is a no. */
export const tokenConsentHere = (clock: Clock): Consent => {
  const consent = new TokenConsent({ clock, setting: ruleHere, ask });
  return async ({ issuer, pid }, waitMs) => {
    const program = pid === 0 ? undefined : await callingProgram(pid);
    const known = program === undefined ? {} : { program };
    return { result: await consent.decide({ issuer, ...known }, waitMs), ...known };
  };
};

/** A policy against team scripts is one against giving programs the token. */
const ruleHere = (): "ask" | "allow" | "never" => {
  if (policiesHere().some(({ teamScripts, unreadable }) => !teamScripts || unreadable.length > 0))
    return "never";
  const value = settingHere("tokenCommand");
  return value === "ask" || value === "allow" ? value : "never";
};

const ask = async ({ issuer, program }: TokenQuestion): Promise<TokenAnswer> => {
  const [once, hour, day] = [t("Once"), t("For an Hour"), t("For 8 Hours")];
  const message =
    program === undefined
      ? t(
          "A program asks for your own access token at {0}. This system does not tell which. Who has it can act as you. Allow it?",
          hostOf(issuer),
        )
      : t(
          "{0} asks for your own access token at {1}. Who has it can act as you. A program can give another's name for its own. Allow it?",
          plainText(program, 120),
          hostOf(issuer),
        );
  // The first button is the one that stands out, and that the editor's keys press.
  const choice = await tellWarning(message, t("No"), once, hour, day);
  if (choice === once) return { kind: "yes", forMs: 0 };
  if (choice === hour) return { kind: "yes", forMs: hourMs };
  return choice === day ? { kind: "yes", forMs: 8 * hourMs } : { kind: "no" };
};
