/** What a page of the docs has its reader run, or write into a file. */
export interface FencedBlock {
  /** As the fence names it: `sh`, `json`. */
  readonly language: string;
  readonly text: string;
  /** The paragraph before it, which says what it is for. */
  readonly saying: string;
}

/** The blocks of a page, in order; of one section where a heading is named. @throws where there is no such heading */
export const fencedBlocks = (page: string, heading?: string): readonly FencedBlock[] => {
  const [, section] = heading === undefined ? ["", page] : page.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`No heading is called ${heading ?? ""}.`);
  const upTo = heading === undefined ? section : (section.split("\n## ")[0] ?? "");
  return [...upTo.matchAll(/([^\n]*)\n+```(\w+)\n([\s\S]*?)\n```/g)].map(
    ([, saying = "", language = "", text = ""]) => ({ language, text, saying }),
  );
};
