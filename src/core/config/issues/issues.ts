import type { Issue, IssueCode, Place } from "./issue.ts";
import type { UrlProblem } from "./urlProblem.ts";

/** Where an issue stands, and the id of the connector it is about, if it is about one. */
export interface Where {
  readonly place: Place;
  readonly connector?: string;
}

type Arg = string | number;
/** Makes the issue; the arguments fill the places of its template, in order. */
export type IssueMaker = (where: Where, ...args: Arg[]) => Issue;

const maker =
  (severity: Issue["severity"]) =>
  (code: IssueCode, template: string): IssueMaker =>
  (where, ...args) => ({ code, severity, template, args, ...where });

const error = maker("error");
const warning = maker("warning");

/** By jsonc-parser's name of the error, and `TooDeep`. */
const syntaxIssues: Readonly<Record<string, IssueMaker>> = {
  InvalidSymbol: error(
    "syntax",
    "This is not JSON. Put text in double quotes; true, false, null and numbers stand without.",
  ),
  InvalidNumberFormat: error("syntax", "This is not a number as JSON writes it."),
  PropertyNameExpected: error(
    "syntax",
    "A name in double quotes has to stand here. If nothing more is to come, remove the comma before it.",
  ),
  ValueExpected: error("syntax", "A value is missing here."),
  ColonExpected: error("syntax", "A colon has to stand here, between the name and its value."),
  CommaExpected: error("syntax", "A comma is missing here."),
  CloseBraceExpected: error("syntax", "A closing brace } is missing here."),
  CloseBracketExpected: error("syntax", "A closing bracket ] is missing here."),
  EndOfFileExpected: error(
    "syntax",
    "The file has to end here. Remove what follows, or the brace before it.",
  ),
  InvalidCommentToken: error("syntax", "Claude Code reads no comments in this file. Remove this one."),
  UnexpectedEndOfComment: error("syntax", "Claude Code reads no comments in this file. Remove this one."),
  UnexpectedEndOfString: error("syntax", "This text is not closed. Put a double quote at its end."),
  UnexpectedEndOfNumber: error("syntax", "This number is not complete."),
  InvalidUnicode: error("syntax", "After \\u four hexadecimal digits have to follow."),
  InvalidEscapeCharacter: error("syntax", "A backslash is written \\\\ in JSON."),
  InvalidCharacter: error(
    "syntax",
    "This text holds a control character. Write it as an escape, for example \\n or \\t.",
  ),
  TooDeep: error("syntax", "This is nested too deeply to be read."),
};

const notJson = error("syntax", "This file is not valid JSON.");

export const syntaxIssue = (code: string): IssueMaker => syntaxIssues[code] ?? notJson;

/** By the type that is expected: zod's name of it. `{0}` is the setting's path in the entry. */
const wrongTypes: Readonly<Record<string, IssueMaker>> = {
  string: error("wrongType", '"{0}" has to be text in double quotes.'),
  number: error("wrongType", '"{0}" has to be a number.'),
  int: error("wrongType", '"{0}" has to be a whole number.'),
  boolean: error("wrongType", '"{0}" has to be true or false.'),
  array: error("wrongType", '"{0}" has to be a list in brackets [ ].'),
  object: error("wrongType", '"{0}" has to be an object in braces { }.'),
  record: error("wrongType", '"{0}" has to be an object in braces { }.'),
};

const wrongForm = error(
  "wrongType",
  '"{0}" is not written as it has to be. Hover over its name to see what belongs there.',
);

export const wrongTypeIssue = (expected: string): IssueMaker => wrongTypes[expected] ?? wrongForm;

/** A rule of the schema that brings its own sentence. */
export const ruleIssue = (sentence: string): IssueMaker => error("wrongType", sentence);

/** By the path of what is missing; each says what belongs there. */
const missings: Readonly<Record<string, IssueMaker>> = {
  type: error(
    "missing",
    '"{0}" is missing. Without "type": "http", Claude Code takes this server for a command to start.',
  ),
  url: error("missing", '"{0}" is missing. Add the URL of the MCP server.'),
  "userAuth.url": error(
    "missing",
    '"{0}" is missing. Add the URL of the MCP server that lanyard bridge connects to.',
  ),
  userAuth: error(
    "missing",
    '"{0}" is missing, so Lanyard cannot sign you in for this server. "claude mcp add-json" leaves it out: write it into the file by hand.',
  ),
  "userAuth.issuer": error("missing", '"{0}" is missing. Add the https URL of your identity provider.'),
  "userAuth.clientId": error(
    "missing",
    '"{0}" is missing. Add the client ID under which your identity provider knows Lanyard.',
  ),
};

const missing = error("missing", '"{0}" is missing. Add it to this server.');

export const missingIssue = (path: string): IssueMaker => missings[path] ?? missing;

/** `{0}` is the setting's path, `{1}` the text as the file has it, before variables are expanded. */
export const urlIssues: Readonly<Record<UrlProblem, IssueMaker>> = {
  invalidUrl: error("invalidUrl", '"{0}" is not a URL: {1}. Write it in full, beginning with https://.'),
  strangeUrl: error(
    "invalidUrl",
    '"{0}" holds a character that does not belong in a URL: {1}. Write such characters percent-encoded, and a host in its ASCII form (xn--…).',
  ),
  urlWithUser: error("invalidUrl", '"{0}" holds a user name or a password. Remove it from the URL.'),
  issuerWithQuery: error(
    "invalidUrl",
    '"{0}" must not have a ? or # part. Write the issuer exactly as the metadata of your identity provider spells it.',
  ),
  invalidResource: error(
    "invalidUrl",
    '"{0}" is not a resource that can be asked for: {1}. Write a full URI without a # part.',
  ),
  invalidRedirect: error(
    "invalidUrl",
    '"{0}" is not a redirect to this machine: {1}. Write http://127.0.0.1, http://localhost or http://[::1], with the port and the path that are registered at the identity provider.',
  ),
  insecureUrl: error(
    "insecureUrl",
    '"{0}" begins with http or ws: {1}. A credential is only sent over https (or wss), or to this machine.',
  ),
  insecureIssuer: error(
    "insecureIssuer",
    '"{0}" begins with http: {1}. An identity provider is only trusted over https, or on this machine.',
  ),
};

/** `{1}`: the reference with a default. It is no part of the template, where the editor takes its braces for a place. */
const unsetVariable = error(
  "unsetVariable",
  "The environment variable {0} is not set. Set it and restart the editor, or write a default: {1}.",
);

/** Every other thing that can be wrong with an entry or a file. */
export const issues = {
  unreadable: error(
    "unreadable",
    "This file cannot be read ({0}). Check that it exists and that you may read it.",
  ),
  utf16: error(
    "unreadable",
    "This file is written in UTF-16, which Claude Code cannot read. Save it with the encoding UTF-8.",
  ),
  notAnObject: error("wrongType", "This file has to be an object in braces { }."),
  /** `{0}`: the setting; `{1}`: the values it can have. */
  notOneOf: error("wrongType", '"{0}" has to be one of: {1}.'),
  /** `{0}`: the setting. */
  empty: error("missing", '"{0}" is empty. Fill it in, or remove it if it is optional.'),
  /** `{0}`: the setting; `{1}`: the limit. */
  tooSmall: error("wrongType", '"{0}" has to be at least {1}.'),
  tooBig: error("wrongType", '"{0}" has to be at most {1}.'),
  /** `{0}`: the setting; `{1}`: the names. */
  unknownKeys: error("wrongType", '"{0}" has settings that are not known: {1}. Check how they are spelt.'),
  /** `{0}`: the source as written; `{1}`: the sources there are. */
  unknownSource: error("unknownSource", 'There is no credential source "{0}". Choose one of: {1}.'),
  /** `{0}`: the sources there are. */
  missingSource: error(
    "missing",
    '"source" is missing. Choose where the credential comes from, one of: {0}.',
  ),
  /** `{0}`: the variable. */
  unsetVariable: (where, name = "") => unsetVariable(where, name, `\${${name}:-default}`),
  nestedVariable: error(
    "unsetVariable",
    "The environment variable {0} is not set, and its default holds another variable, which Claude Code does not expand. Set {0}, or write the default in full.",
  ),
  /** `{0}`: the name. */
  unknownDefault: warning(
    "wrongType",
    '"{0}" is nothing that entries can take over from here, so it is ignored. Check how it is spelt.',
  ),
  /** `{0}`: the setting; `{1}`: the line of the other place; `{2}`: what that gives. */
  missingInBoth: error(
    "missing",
    '"{0}" is missing here, and in the "userAuth" of line {1}, on which this entry builds and which gives: {2}. Add it to one of the two.',
  ),
  /** `{0}`: the right spelling. */
  issuerSpelling: error(
    "issuerSpelling",
    "The identity provider spells its issuer otherwise, and signs nobody in for this one. Write: {0}.",
  ),
  /** `{0}`: the variable. */
  secretUnset: warning(
    "unsetVariable",
    "The environment variable {0} is not set, so no client secret is sent. Set it and restart the editor, or name the secret in the setting lanyard.clientSecrets.",
  ),
  /** `{0}`: the server's name. */
  duplicateName: error(
    "duplicateName",
    'This file has more than one server named "{0}". Claude Code uses the last one. Rename or remove the others.',
  ),
  literalToken: warning(
    "literalToken",
    "This Authorization header is written into the file. Remove it: the credential comes from your sign-in, and whoever can read the file can use this one.",
  ),
  /** `{0}`: the header. */
  guardMissing: warning(
    "guardMissing",
    'Where the helper fails or is not called, Claude Code connects to this server without a credential. Put a sentence with a line break inside under "{0}" in "headers": no client sends that.',
  ),
  /** `{0}`: the header as the file has it; `{1}`: as the source sets it. */
  guardWrongCase: warning(
    "guardWrongCase",
    'The helper sets "{1}", and this "{0}" is written otherwise, so it is not replaced and blocks every connection. Write "{1}".',
  ),
  guardSent: warning(
    "guardSent",
    "Some clients send this value. One that nobody sends has a line break inside, between two words.",
  ),
  /** `{0}`: the header. */
  guardBlocks: warning(
    "guardBlocks",
    'The credential source does not set "{0}", so this value stays, and it blocks every connection. Remove it.',
  ),
  helperMissing: warning(
    "helperMissing",
    'Without "headersHelper", Claude Code does not ask Lanyard for this server\'s credential. Add the command: lanyard headers.',
  ),
  helperForeign: warning(
    "helperMissing",
    "This command is not lanyard headers, so Claude Code does not ask Lanyard for this server's credential. To let your own command make the headers, write: lanyard headers -- command.",
  ),
  helperElsewhere: warning(
    "helperElsewhere",
    "The shell of this system cannot start this command, so Claude Code gets no credential here. Use the quick fix: it writes the command for every system.",
  ),
  scriptEmpty: error(
    "missing",
    "No command follows -- in headersHelper. Write your script after it, or remove the --.",
  ),
  scriptOutside: error(
    "forbidden",
    "The script after -- in headersHelper lies outside this folder. It would get your access token, so it has to lie within the folder, or be a command on PATH.",
  ),
  scriptUnclear: error(
    "forbidden",
    "What follows -- in headersHelper begins with something that only a shell can read, so nobody can tell what gets your access token. Begin it with the script's path in this folder, or with a command on PATH.",
  ),
  /** `{0}`: the setting; `{1}`: the limit. */
  tooLong: error(
    "tooLong",
    '"{0}" has more than {1} characters. Shorten it: whoever approves this server has to be able to read it.',
  ),
  /** `{0}`: the command to write. */
  bridgeForeign: warning(
    "helperMissing",
    "This command is not lanyard bridge with this server's own name, so clients that start it do not ask Lanyard. Write: {0}.",
  ),
  urlBesideCommand: error(
    "contradiction",
    'A server that is started as a command must not have "url" beside it: some clients go there by themselves, without a credential. Write the URL into "userAuth".',
  ),
  toolsWithoutBridge: error(
    "contradiction",
    'Only lanyard bridge keeps the rules of "tools", and this entry does not start it: clients would use every tool. Write the entry with "command", or remove "tools".',
  ),
  /** `{0}`: the source. */
  scriptBesideSource: error(
    "contradiction",
    'headersHelper lets a script make the headers, but the credential source is "{0}". Remove "credential", or the -- and what follows it.',
  ),
  /** `{0}`: the source; `{1}`: the command to start. */
  signsWithoutBridge: error(
    "contradiction",
    'The credential source "{0}" signs each request, and headersHelper runs once a connection. Have clients start the bridge instead, with the URL in "userAuth": {1}.',
  ),
  sourceWithoutScript: error(
    "contradiction",
    'The credential source is "script", but headersHelper names none. Write your script there: lanyard headers -- command.',
  ),
} as const satisfies Readonly<Record<string, IssueMaker>>;
