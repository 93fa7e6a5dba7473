/** Text as HTML, safe in elements and in quoted attributes. */
export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

export interface PageOptions {
  readonly title: string;
  /** HTML; whoever builds it escapes what it holds. */
  readonly body: string;
  /** For tables; forms stay narrow. */
  readonly wide?: boolean;
  /** Whether the page looks again by itself, and shows what has changed. */
  readonly live?: boolean;
}

export const liveSeconds = 3;

/**
 * Puts what has changed in place of what it was. A page that loaded itself anew would take the focus away, and a screen
 * reader back to its top (WCAG 2.2, 2.2.1): so nothing happens while nothing changes, and a change is announced.
 */
export const liveScript = `setInterval(async () => {
  const reply = await fetch(location.href).catch(() => undefined);
  if (!reply?.ok) return;
  const seen = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[aria-live]");
  const shown = document.querySelector("[aria-live]");
  if (seen && seen.innerHTML !== shown.innerHTML) shown.innerHTML = seen.innerHTML;
}, ${liveSeconds * 1000});`;

/** One of Acme's pages: readable in light and dark, nothing loaded from anywhere, no script but `liveScript`. */
export const page = ({ title, body, wide = false, live = false }: PageOptions): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)} · Acme</title>
<style>${style}</style>
</head>
<body>
<header><span class="mark" aria-hidden="true">A</span>Acme</header>
<main${wide ? ' class="wide"' : ""}>
<h1>${escape(title)}</h1>
${live ? `<div aria-live="polite">${body}</div>\n<script>${liveScript}</script>` : body}
</main>
</body>
</html>
`;

/** A labelled input. */
export const field = (options: {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "password";
  readonly value?: string;
  readonly autocomplete?: string;
  readonly focus?: boolean;
  readonly numeric?: boolean;
}): string => {
  const attributes = [
    `id="${options.name}"`,
    `name="${options.name}"`,
    `type="${options.type ?? "text"}"`,
    `autocomplete="${options.autocomplete ?? "off"}"`,
    'autocapitalize="none" spellcheck="false" required',
    options.value === undefined ? "" : `value="${escape(options.value)}"`,
    options.numeric === true ? 'inputmode="numeric"' : "",
    options.focus === true ? "autofocus" : "",
  ];
  return `<label for="${options.name}">${escape(options.label)}</label>
<input ${attributes.filter((attribute) => attribute !== "").join(" ")}>`;
};

/** What went wrong, announced by screen readers. */
export const alert = (message: string | undefined): string =>
  message === undefined ? "" : `<p class="alert" role="alert">${escape(message)}</p>`;

/** A form with one button. `hidden` are its unseen fields, `fields` the HTML of the seen ones. */
export const form = (options: {
  readonly action: string;
  readonly button: string;
  readonly fields?: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly quiet?: boolean;
}): string => `<form method="post" action="${escape(options.action)}">
${Object.entries(options.hidden ?? {})
  .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
  .join("\n")}
${options.fields ?? ""}
<button type="submit"${options.quiet === true ? ' class="quiet"' : ""}>${escape(options.button)}</button>
</form>`;

/** A table. Cells are HTML; headings are text. */
export const htmlTable = (
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string =>
  rows.length === 0
    ? `<h2>${escape(caption)}</h2><p class="muted">None.</p>`
    : `<h2>${escape(caption)}</h2><div class="scroll"><table><caption class="unseen">${escape(caption)}</caption>
<thead><tr>${headings.map((heading) => `<th scope="col">${escape(heading)}</th>`).join("")}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("\n")}</tbody>
</table></div>`;

const style = `
:root{--ground:#f5f5f2;--sheet:#fff;--ink:#1c1d1f;--soft:#5a5d63;--line:#d5d6d2;--accent:#1d5fbf;--on:#fff;--bad:#a3231c;--badground:#fbeceb}
@media (prefers-color-scheme:dark){:root{--ground:#17181a;--sheet:#212326;--ink:#ececea;--soft:#a8abb1;--line:#3b3e43;--accent:#8ab8ff;--on:#10233f;--bad:#ffb1ab;--badground:#3d2220}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header{display:flex;gap:.6rem;align-items:center;justify-content:center;padding:2rem 1rem 1rem;font-weight:600}
.mark{display:inline-grid;place-items:center;width:1.8rem;height:1.8rem;border-radius:.4rem;background:var(--accent);color:var(--on)}
main{max-width:24rem;margin:0 auto 3rem;padding:1.5rem 1.75rem 1.75rem;background:var(--sheet);border:1px solid var(--line);border-radius:.6rem}
main.wide{max-width:70rem}
h1{font-size:1.3rem;line-height:1.3;margin:0 0 .75rem}
h2{font-size:1.05rem;margin:2rem 0 .5rem}
p{margin:0 0 1rem;overflow-wrap:anywhere}
form+p{margin-top:1rem}
main>:last-child{margin-bottom:0}
label{display:block;margin:0 0 .3rem;font-weight:600}
input,select{width:100%;margin:0 0 1rem;padding:.55rem .7rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:.35rem}
button{padding:.55rem 1.1rem;font:inherit;font-weight:600;color:var(--on);background:var(--accent);border:1px solid var(--accent);border-radius:.35rem;cursor:pointer}
main:not(.wide)>form>button:not(.quiet){width:100%}
button.quiet{color:var(--ink);background:transparent;border-color:var(--soft)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
a{color:var(--accent)}
.muted{color:var(--soft)}
.alert{padding:.6rem .8rem;color:var(--bad);background:var(--badground);border-radius:.35rem}
.code{font:700 1.6rem/1.2 ui-monospace,monospace;letter-spacing:.08em}
.row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
.row form{margin:0}.row input,.row select{width:auto;margin:0;padding:.3rem .5rem}.row button,td button{padding:.25rem .7rem}
.row label{margin:0;font-weight:400}
.pair{display:inline-flex;gap:.4rem;align-items:center}
.card{padding:1rem 0;border-top:1px solid var(--line)}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th,td{padding:.4rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
code{font:.85em ui-monospace,monospace}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
`;
