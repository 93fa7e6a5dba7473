import { plainText } from "../../text.ts";
import type { Issue } from "../issues/issue.ts";
import { issues, wrongTypeIssue, type Where } from "../issues/issues.ts";
import { valueAt, type JsonValue, type Member, type Span } from "../text/json.ts";
import { userAuthSchema } from "../schema/schema.ts";

type Members = (JsonValue & { readonly kind: "object" })["members"];

/** The `userAuth` beside `mcpServers`: what its entries build on, member by member. */
export interface Defaults {
  readonly members: Members;
  /** Says of a setting of `userAuth` that is missing in both places what comes from where. */
  readonly lacking: (path: readonly PropertyKey[]) => ((where: Where) => Issue) | undefined;
}

const known: ReadonlySet<string> = new Set(Object.keys(userAuthSchema.shape));

/** Reads it, where there is one. What it says of the sign-in is judged where an entry takes it over. */
export const readDefaults = (
  text: string,
  member: Member | undefined,
  at: (span: Span) => Where,
): { readonly defaults?: Defaults; readonly issues: readonly Issue[] } => {
  if (member === undefined) return { issues: [] };
  const value = valueAt(text, member.value);
  if (value?.kind !== "object") {
    return { issues: [wrongTypeIssue("object")(at(member.value), "userAuth")] };
  }
  const strange = value.members
    .filter(({ name }) => !known.has(name))
    .map(({ name, key }) => issues.unknownDefault(at(key), plainText(name, 60)));
  const given = value.members.filter(({ name }) => known.has(name)).map(({ name }) => name);
  const line = at(member.key).place.line + 1;
  const lacking: Defaults["lacking"] = ([holder, name, ...deeper]) =>
    holder === "userAuth" && typeof name === "string" && known.has(name) && deeper.length === 0
      ? (where) => issues.missingInBoth(where, `userAuth.${name}`, line, given.join(", ") || "–")
      : undefined;
  return { defaults: { members: value.members, lacking }, issues: strange };
};

/** The entry with what its `userAuth` leaves open; each value keeps its place in the file. */
export const withDefaults = (entry: JsonValue, defaults: Defaults | undefined): JsonValue => {
  if (entry.kind !== "object" || defaults === undefined) return entry;
  const members = entry.members.map((member) => {
    const { name, value } = member;
    if (name !== "userAuth" || value.kind !== "object") return member;
    return {
      ...member,
      value: { ...value, members: [...inherited(value.members, defaults), ...value.members] },
    };
  });
  return { ...entry, members };
};

/** One that names issuer and client is whole, as it was before there was anything to build on: nothing is added to it. */
const inherited = (own: Members, { members }: Defaults): Members => {
  const said = new Set(own.map(({ name }) => name));
  if (said.has("issuer") && said.has("clientId")) return [];
  return members.filter(({ name }) => known.has(name) && !said.has(name));
};
