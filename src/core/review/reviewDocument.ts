import { markup, type Html } from "./html.ts";

export interface DocumentParts {
  readonly content: Html;
  readonly title: string;
  readonly lang: string;
  /** Of this page alone; letters and digits. */
  readonly nonce: string;
}

/** The whole page. Nothing is loaded from anywhere, and no script runs but the one below. */
export const reviewDocument = ({ content, title, lang, nonce }: DocumentParts): string =>
  markup`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'"
        />
        <title>${title}</title>
        <style nonce="${nonce}">
          ${ours(style)}
        </style>
      </head>
      <body>
        <main id="main">${content}</main>
        <script nonce="${nonce}">
          ${ours(script)};
        </script>
      </body>
    </html>`.toString();

/** A text of this file, which no template may escape: there is no sign of HTML in it but those that are meant. */
const ours = (text: string): Html => markup(Object.assign([text], { raw: [text] }));

const style = `
body { padding: 0 24px 32px; color: var(--vscode-foreground); background: var(--vscode-editor-background); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); line-height: 1.5; }
main { max-width: 820px; margin: 0 auto; }
h1 { font-size: 1.6em; font-weight: 600; } h2 { font-size: 1.2em; margin: 1.6em 0 0.6em; font-weight: 600; } h3 { font-size: 1.05em; margin: 0 0 0.4em; overflow-wrap: anywhere; font-weight: 600; }
h1:focus, h3:focus { outline: none; }
article { border: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder, #808080)); border-radius: 4px; padding: 12px 16px; margin: 0 0 12px; }
dl { display: grid; grid-template-columns: minmax(150px, 30%) 1fr; gap: 4px 16px; margin: 0; }
dt { color: var(--vscode-foreground); } dd { margin: 0; min-width: 0; }
@media (max-width: 560px) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; } }
code, pre { font-family: var(--vscode-editor-font-family, monospace); font-size: 0.95em; color: var(--vscode-foreground); background: none; padding: 0; white-space: break-spaces; overflow-wrap: anywhere; unicode-bidi: isolate; }
pre { margin: 0; } ul { margin: 0; padding: 0; list-style: none; }
.odd, .badge { border: 1px solid currentColor; border-radius: 3px; padding: 0 4px; font-size: 0.85em; font-weight: normal; font-family: var(--vscode-font-family); white-space: nowrap; }
.owner, .note { white-space: normal; } .owner strong { overflow-wrap: anywhere; }
.warning { border-left: 4px solid var(--vscode-editorWarning-foreground, #bf8803); padding: 4px 10px; margin: 6px 0; }
.was, .now { margin: 2px 0; } .label { font-weight: 600; } del { text-decoration: line-through; } ins { text-decoration: none; font-weight: 600; } del pre, ins pre { display: inline; }
button { color: var(--vscode-button-foreground); background: var(--vscode-button-background); border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; padding: 5px 14px; font: inherit; cursor: pointer; }
button:hover { background: var(--vscode-button-hoverBackground); }
button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
button.secondary:hover { background: var(--vscode-button-secondaryHoverBackground); }
button[aria-disabled] { cursor: default; }
button:focus-visible { outline: 2px solid var(--vscode-focusBorder); outline-offset: 2px; }
article p:last-child { margin: 10px 0 0; }
`;

/** So long what is drawn stays before it can be approved: longer than a double click, or a press that was under way. */
const restMs = 700;

/** The page's own script: it says which button was pressed by a person, and takes in what the page is to hold. */
const script = `
const vscode = acquireVsCodeApi();
const main = document.getElementById("main");
/* What has just come under the pointer is not what somebody pressed on: for a moment nothing can be approved. */
let rest;
const calm = () => {
  const buttons = main.querySelectorAll('button[data-act^="approve"]');
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  clearTimeout(rest);
  rest = setTimeout(() => { for (const button of buttons) button.removeAttribute("aria-disabled"); }, ${restMs});
};
const focus = (id) => { const at = document.getElementById(id) || document.getElementById("title"); if (at) { at.focus(); at.scrollIntoView({ block: "start" }); } };
document.addEventListener("click", (event) => {
  const button = event.isTrusted && event.target instanceof Element && event.target.closest("button[data-act]");
  if (!button || button.hasAttribute("aria-disabled")) return;
  vscode.postMessage({ act: button.dataset.act, key: button.dataset.key, content: main.dataset.content });
});
document.addEventListener("keydown", (event) => { if (event.isTrusted && event.key === "Escape") vscode.postMessage({ act: "close" }); });
window.addEventListener("message", ({ data }) => {
  if (typeof data.content === "string") {
    const top = window.scrollY; const isKept = data.focus === undefined;
    main.innerHTML = data.content; main.dataset.content = String(data.version); calm();
    if (isKept) { window.scrollTo(0, top); document.getElementById("title").focus({ preventScroll: true }); }
  }
  if (data.focus !== undefined) focus(data.focus);
});
vscode.postMessage({ act: "ready" });
`;
