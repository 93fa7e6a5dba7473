/** Texts as somebody outside would write them, each to become more on a screen or a terminal than words. */
export const hostileTexts: readonly (readonly [kind: string, text: string])[] = [
  ["a link", "Stale. [Reconnect](https://attacker.example/x)"],
  [
    "a link that runs a command",
    "[Fix it](command:workbench.action.terminal.sendSequence?%7B%22text%22%3A%22id%22%7D)",
  ],
  ["a link with a title", '[Fix it](command:lanyard.showLog "Show Log")'],
  ["a link to a file", "[report](file:///etc/passwd)"],
  ["a link with a gap in it", "[Fix it]\u200b(command:lanyard.showLog)"],
  ["two links in one", "[[a](command:x)](command:y)"],
  ["html", '<a href="command:x">click</a><img src=x onerror=alert(1)>'],
  ["an icon", "$(pass) Approved $(sync~spin)"],
  ["an icon with a gap in it", "$\u2060(pass) Approved"],
  ["a terminal's title and colours", "\u001b]0;OWNED\u0007\u001b[31mREVOKED\u001b[0m"],
  ["one-byte controls", "\u009b31mred\u0085\u008d\u007f"],
  ["text that is written backwards", "\u202egnp.exe\u2066x\u2069\u200f"],
  ["what nobody sees", "pay\u200bpal\ufeff\u00ad\u2060\u034f\u180e"],
  ["letters without a shape", "a\u3164\u115f\uffa0\u2800b"],
  ["tags", "a\u{e0041}\u{e0042}\u{e007f}b"],
  ["lines of its own", "denied\r\nLanyard: approved\u2028Open https://attacker.example\u0085x\u000bx\fx"],
  ["marks in piles", `z${"\u0336\u0489\u0310".repeat(30)}`],
  ["private characters", "\uea60\uf8ff\u{f0000}"],
  ["halves of characters", "\ud83d x \ude00"],
];

/** The letters of other scripts: as words they are words, as a host they are written in ASCII. */
export const lookAlikeHost = "https://www.p\u0430yp\u0430l.com/mcp";

/** What VS Code makes a link of in a plain message (`parseLinkedText`), and the icons that it draws in labels. */
const linkOfTheEditor = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
const iconOfTheEditor = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/;
const unseen = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]/u;

/** What the editor would still make of a text; empty when it is words and no more. */
export const dangersOnScreen = (text: string): readonly string[] => [
  ...(text.match(linkOfTheEditor) ?? []),
  ...(text.match(iconOfTheEditor) ?? []),
  ...(text.match(unseen) ?? []).map(escape),
];

/** What a terminal would still obey, or a reader not see. */
export const dangersInTerminal = (text: string): readonly string[] => (text.match(unseen) ?? []).map(escape);

const escape = (character: string): string =>
  JSON.stringify(character).concat(character.codePointAt(0)?.toString(16) ?? "");
