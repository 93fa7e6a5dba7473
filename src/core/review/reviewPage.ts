import type { Connector } from "../config/connector.ts";
import type { Review } from "../connectors/permission/approval.ts";
import { plainText, type Translate } from "../text.ts";
import { agreementOf, factKinds, shownHost, type Agreement, type FactKind } from "./agreement.ts";
import { foreign, markup, type Html } from "./html.ts";
import { registrableDomain } from "./lookAlikes.ts";

/** One connector on the page, and how it stands; `held` where its folder is not trusted. */
export interface ReviewRow {
  readonly connector: Connector;
  readonly review: Review;
  readonly isHeld: boolean;
}

/** What the page's buttons say to the window that shows it. */
export const reviewActs = ["approve", "withdraw", "approveAll", "close"] as const;

interface Shown extends ReviewRow {
  /** Names the row within this page. */
  readonly key: string;
  readonly agreement: Agreement;
}

/** The rows that wait come first, scripts before all others; then what is approved. The order is theirs otherwise. */
export const reviewOrder = (rows: readonly ReviewRow[]): readonly ReviewRow[] => {
  const rank = ({ connector, review, isHeld }: ReviewRow): number =>
    (isHeld ? 4 : review.permission === "approved" ? 2 : 0) + (connector.helper.kind === "script" ? 0 : 1);
  return [...rows].sort((a, b) => rank(a) - rank(b));
};

/** What may be approved with all others: what waits, and has no letters that look like others. */
export const approvableAtOnce = (rows: readonly ReviewRow[]): readonly Connector[] =>
  rows
    .filter(({ review, isHeld }) => !isHeld && review.permission !== "approved")
    .map(({ connector }) => connector)
    .filter((connector) => agreementOf(connector).lookAlikes.length === 0);

/** The page's content: every row whole. `rows` as `reviewOrder` has them; a row's key is its index. */
export const reviewContent = (rows: readonly ReviewRow[], t: Translate): Html => {
  const shown = rows.map((row, index): Shown => ({
    ...row,
    key: String(index),
    agreement: agreementOf(row.connector),
  }));
  const waiting = shown.filter(({ review, isHeld }) => !isHeld && review.permission !== "approved");
  const approved = shown.filter(({ review, isHeld }) => !isHeld && review.permission === "approved");
  const held = shown.filter(({ isHeld }) => isHeld);
  const atOnce = approvableAtOnce(rows).length;
  return markup`<header>
      <h1 tabindex="-1" id="title">${t("Review Connectors")}</h1>
      <p>
        ${t("A connector gets a credential by your sign-in only while you approve what its entry says. Nothing is approved until you press a button here; Escape closes the page.")}
      </p>
    </header>
    ${group(t("Waiting for your approval ({0})", waiting.length), waiting, t)}
    ${atOnce < 2 ? markup`` : markup`<p class="all"><button type="button" data-act="approveAll">${t("Approve all {0} that you have read", atOnce)}</button></p>`}
    ${group(t("Approved ({0})", approved.length), approved, t)}
    ${group(t("In folders that are not trusted ({0})", held.length), held, t)}
    ${shown.length === 0 ? markup`<p>${t("No connector here uses Lanyard: no .mcp.json of this workspace has an entry with userAuth.")}</p>` : markup``}
    <footer><button type="button" class="secondary" data-act="close">${t("Close")}</button></footer>`;
};

const group = (title: string, rows: readonly Shown[], t: Translate): Html =>
  rows.length === 0
    ? markup``
    : markup`<section>
        <h2>${title}</h2>
        ${rows.map((row) => entry(row, t))}
      </section>`;

const entry = (row: Shown, t: Translate): Html => {
  const { key, connector, agreement, review, isHeld } = row;
  const id = `entry-${key}`;
  return markup`<article aria-labelledby="${id}">
    <h3 id="${id}" tabindex="-1">
      ${foreign(connector.name)}${agreement.isScript ? markup` <span class="badge">${t("runs a script")}</span>` : markup``}${review.permission === "changed" ? markup` <span class="badge">${t("changed")}</span>` : markup``}
    </h3>
    ${warning(agreement, t)}
    <dl>
      ${factKinds.map((kind) => fact(kind, row, t))}
      <dt>${t("File")}</dt>
      <dd><code>${foreign(connector.origin.file)}</code></dd>
    </dl>
    ${isHeld ? markup`` : button(row, t)}
  </article>`;
};

const button = ({ key, review, connector }: Shown, t: Translate): Html => {
  const act = review.permission === "approved" ? "withdraw" : "approve";
  const title = act === "approve" ? t("Approve") : t("Take back");
  const name = plainText(connector.name);
  const label = act === "approve" ? t("Approve {0}", name) : t("Take back {0}", name);
  return markup`<p>
    <button
      type="button"
      class="${act === "approve" ? "" : "secondary"}"
      data-act="${act}"
      data-key="${key}"
      aria-label="${label}"
    >
      ${title}</button
    >${approvedAt(review, t)}
  </p>`;
};

const approvedAt = ({ permission, approvedAtMs }: Review, t: Translate): Html => {
  if (permission !== "approved" || approvedAtMs === undefined) return markup``;
  return markup` <span class="note">${t("approved on {0}", new Date(approvedAtMs).toLocaleString())}</span>`;
};

const warning = ({ lookAlikes }: Agreement, t: Translate): Html =>
  lookAlikes.length === 0
    ? markup``
    : markup`<p class="warning">
        <strong>${t("Letters that look like others: {0}", lookAlikes.join(", "))}</strong>
      </p>`;

const titles: Readonly<Record<FactKind, (agreement: Agreement, t: Translate) => string>> = {
  command: ({ isScript, isBridge }, t) => {
    if (isScript) return t("Command that runs with your access token");
    return isBridge ? t("Command that MCP clients start") : t("Command that Claude Code runs");
  },
  url: (_agreement, t) => t("The credential goes to"),
  issuer: (_agreement, t) => t("You sign in at"),
  tokenHosts: ({ facts }, t) =>
    facts.clientKey === undefined
      ? t("Your access token goes to")
      : t("Your token, or what vouches for you, goes to"),
  idTokenHosts: (_agreement, t) => t("Your ID token goes to"),
  clientKey: (_agreement, t) => t("Your private key that signs (lanyard.clientKeys)"),
  variables: (_agreement, t) => t("Environment variables whose values are sent"),
  clientId: (_agreement, t) => t("Client ID"),
  scopes: (_agreement, t) => t("Scopes"),
  resource: (_agreement, t) => t("Resource of the sign-in"),
  parameters: (_agreement, t) => t("Parameters of the sign-in"),
  tools: (_agreement, t) => t("Tools that may be used"),
  transport: (_agreement, t) => t("Transport"),
  source: (_agreement, t) => t("Credential source"),
};

/** A fact of now; and what it was, where something else was approved. */
const fact = (kind: FactKind, { agreement, review }: Shown, t: Translate): Html => {
  const now = agreement.facts[kind];
  const before = review.before;
  const was = before?.[kind];
  const isKnown = before !== undefined && Object.keys(before).length > 0;
  if (now === undefined && was === undefined) return markup``;
  const present = now === undefined ? markup`<em>${t("nothing")}</em>` : value(kind, now, t);
  if (!isKnown || was === now)
    return markup`<dt>${titles[kind](agreement, t)}</dt>
      <dd>${present}</dd>`;
  const former = was === undefined ? markup`<em>${t("nothing")}</em>` : value(kind, was, t);
  return markup`<dt class="changed">
      ${titles[kind](agreement, t)} <span class="badge">${t("changed")}</span>
    </dt>
    <dd>
      <div class="was"><span class="label">${t("was:")}</span> <del>${former}</del></div>
      <div class="now"><span class="label">${t("now:")}</span> <ins>${present}</ins></div>
    </dd>`;
};

const value = (kind: FactKind, text: string, t: Translate): Html => {
  switch (kind) {
    case "url":
    case "issuer":
      return address(text, t);
    case "tokenHosts":
    case "idTokenHosts":
      return markup`<ul>
        ${text.split(" ").map((each) => markup`<li>${host(each, t)}</li>`)}
      </ul>`;
    case "variables":
      return markup`<ul>
        ${text.split(" ").map((each) => markup`<li><code>${foreign(each)}</code></li>`)}
      </ul>`;
    case "source":
      return markup`<pre>${lines(text)}</pre>`;
    case "command":
    case "clientKey":
    case "clientId":
    case "scopes":
    case "resource":
    case "parameters":
    case "tools":
    case "transport":
      return markup`<code>${foreign(text)}</code>`;
  }
};

/** Lines that are ours, of JSON that is not. */
const lines = (text: string): readonly Html[] =>
  text.split("\n").map((line) => markup`${foreign(line)}${"\n"}`);

/** A URL whole, and whose it is. */
const address = (text: string, t: Translate): Html => {
  const name = shownHost(text);
  return markup`<code>${foreign(text)}</code>${name === undefined ? markup`` : owner(name, t)}`;
};

const host = (name: string, t: Translate): Html => markup`<code>${foreign(name)}</code>${owner(name, t)}`;

/** The registered domain stands beside a longer host, so that nothing in front of it is taken for it. */
const owner = (name: string, t: Translate): Html => {
  const domain = registrableDomain(name);
  return domain === name || domain === name.replace(/:\d+$/, "")
    ? markup``
    : markup` <span class="owner">${t("domain:")} <strong>${foreign(domain)}</strong></span>`;
};
