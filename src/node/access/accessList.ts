/** The access lists of Windows, as `icacls NAME /save FILE` writes them: by SIDs, in no language. Pure. */

/** Who may read or write what is a person's own. */
export type Access =
  /** That person, the system and administrators. */
  | { readonly kind: "private" }
  /** Others too, by their SIDs or by SDDL's two letters. */
  | { readonly kind: "open"; readonly others: readonly string[] }
  /** Nothing that can be read says. */
  | { readonly kind: "unknown" };

/** @param own the person's SID. */
export const judgeLists = (saved: Uint8Array, own: string): Access => {
  const others = new Set<string>();
  const lists = savedLists(saved);
  if (lists.length === 0) return { kind: "unknown" };
  for (const list of lists) {
    const entries = entriesOf(list);
    if (entries === undefined) return { kind: "unknown" };
    for (const each of entries) if (isOpening(each, own)) others.add(each.who);
  }
  return others.size === 0 ? { kind: "private" } : { kind: "open", others: [...others] };
};

/** The SID in what `whoami /user /fo csv /nh` prints; a name before it may be in any code page. */
export const sidIn = (text: string): string | undefined => /"(S-1-[\d-]+)"\s*$/.exec(text)?.[1];

/** Names and lists by turns, in UTF-16. What breaks off says nothing. */
const savedLists = (saved: Uint8Array): readonly string[] => {
  const lines = new TextDecoder("utf-16le").decode(saved).trimEnd().split(/\r?\n/);
  return lines.length % 2 === 0 ? lines.filter((_line, index) => index % 2 === 1) : [];
};

interface Entry {
  readonly type: string;
  readonly rights: string;
  readonly who: string;
}

const listForm = /^D:(?:[A-Z]*)((?:\([^()]*\))*)(?:S:.*)?$/;
/** No list at all: everything is anybody's. */
const noList = /^D:[A-Z]*NO_ACCESS_CONTROL/;

/** MS-DTYP, section 2.5.1: type; flags; rights; object; inherited object; who. What is not of that form is not judged. */
const entriesOf = (sddl: string): readonly Entry[] | undefined => {
  if (noList.test(sddl)) return [{ type: "A", rights: "FA", who: "WD" }];
  const [, text] = listForm.exec(sddl) ?? [];
  if (text === undefined) return undefined;
  const entries: Entry[] = [];
  for (const [, inner = ""] of text.matchAll(/\(([^()]*)\)/g)) {
    const [type, , rights, , , who] = inner.split(";");
    if (type === undefined || rights === undefined || who === undefined) return undefined;
    entries.push({ type, rights, who });
  }
  return entries;
};

/** An entry that holds for what is made in a folder, and not for the folder, opens as well. */
const isOpening = ({ type, rights, who }: Entry, own: string): boolean =>
  !denials.has(type) && who !== own && !isOwn(who) && (maskOf(rights) & opening) !== 0;

const denials: ReadonlySet<string> = new Set(["D", "OD", "XD"]);

/**
 * SYSTEM, administrators (of the machine, the domain and the forest), and who owns a thing. What is for apps in containers
 * (S-1-15) gives them nothing that their user has not got.
 */
const isOwn = (who: string): boolean =>
  ["SY", "BA", "LA", "DA", "EA", "CO", "OW"].includes(who) ||
  /^(?:S-1-5-18|S-1-5-32-544|S-1-3-[04]|S-1-15-.*)$/.test(who);

/** Reading data and all that changes something; seeing attributes and passing through do not open. */
const opening = 0x1 | 0x2 | 0x4 | 0x10 | 0x40 | 0x100 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0xd000_0000;

const maskOf = (rights: string): number =>
  /^0x[\da-f]+$/i.test(rights)
    ? Number(rights)
    : (rights.match(/../g) ?? []).reduce((mask, word) => mask | (rightsBy[word] ?? opening), 0);

/** What is not here counts as all. */
const rightsBy: Readonly<Record<string, number>> = {
  ...{ CC: 0x1, DC: 0x2, LC: 0x4, SW: 0x8, RP: 0x10, WP: 0x20, DT: 0x40, LO: 0x80, CR: 0x100 },
  ...{ SD: 0x1_0000, RC: 0x2_0000, WD: 0x4_0000, WO: 0x8_0000 },
  ...{ GX: 0x2000_0000, FX: 0x12_00a0 },
};
