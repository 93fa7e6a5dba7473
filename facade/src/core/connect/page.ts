import { markup, type Html } from "../../../../src/core/review/html.ts";

/** What a page says. All of it is text. */
export interface PageWords {
  readonly kind: "words";
  readonly status: 200 | 400 | 403 | 410 | 503;
  readonly title: string;
  readonly message: string;
  readonly advice: string;
}

export interface ConnectPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The page: no script, nothing loaded from anywhere, in nobody's frame. */
export const pageOf = ({ status, title, message, advice }: PageWords): ConnectPage => {
  const nonce = crypto.randomUUID();
  const html = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main class="${status === 200 ? "done" : "failed"}">
<h1><span aria-hidden="true">${status === 200 ? "✓" : "✕"}</span> ${title}</h1>
<p>${message}</p>
<p>${advice}</p>
<footer>Lanyard</footer>
</main>
</body>
</html>
`;
  return {
    html: html.toString(),
    headers: {
      ...connectHeaders,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  };
};

export const connectHeaders = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** A text of this file, which no template may escape. */
const ours = (text: string): Html => markup(Object.assign([text], { raw: [text] }));

/** As the page that Lanyard shows after a sign-in. */
const style = ours(`
:root { color-scheme: light dark; --quiet: light-dark(#57606a, #a4adb8); }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f6f7f9, #16181c); color: light-dark(#1b1f24, #eceff3); font: 1rem/1.5 system-ui, sans-serif; }
main { box-sizing: border-box; width: min(34rem, 100% - 2rem); margin: 1rem; padding: 2rem; background: light-dark(#ffffff, #202329); border: 1px solid light-dark(#d5dae0, #3a404a); border-top: 4px solid var(--mark); border-radius: 8px; }
.done { --mark: light-dark(#1a7f37, #56d364); } .failed { --mark: light-dark(#b42318, #ff8178); }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; } h1 span { color: var(--mark); }
p { margin: 0.75rem 0 0; overflow-wrap: anywhere; }
footer { margin-top: 1.5rem; color: var(--quiet); font-size: 0.875rem; }
`);
