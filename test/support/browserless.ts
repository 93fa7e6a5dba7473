/**
 * Signs in without a browser: keeps cookies, follows redirects and fills in the forms of the identity
 * provider's pages, as a person would.
 */

/** Whoever signs in. */
export interface Person {
  readonly username: string;
  readonly password: string;
  readonly otp: string;
}

/** One browser: its cookies last as long as the object. */
export class Browserless {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #filledIn: string[] = [];

  /** The names of the fields that were filled in so far, in order. */
  get filledIn(): readonly string[] {
    return this.#filledIn;
  }

  /**
   * Opens the page, follows redirects on the same origin and sends every form it meets, filled in.
   * Returns the first address on another origin, which is not opened, or the last page.
   */
  async visit(start: URL, person: Person): Promise<Arrival> {
    let step: Step = { url: start, body: undefined };
    for (let pages = 0; pages < 30; pages += 1) {
      if (step.url.origin !== start.origin) return { kind: "redirect", url: step.url };
      const response = await this.#send(step);
      const location = response.headers.get("location");
      if (location !== null) {
        await response.body?.cancel();
        step = { url: new URL(location, step.url), body: undefined };
        continue;
      }
      const text = await response.text();
      const next = filledIn(text, step.url, person);
      if (next === undefined || !response.ok) {
        return { kind: "page", url: step.url, status: response.status, text };
      }
      this.#filledIn.push(...(next.body?.keys() ?? []));
      step = next;
    }
    throw new Error(`The sign-in at ${start.origin} does not end.`);
  }

  async #send({ url, body }: Step): Promise<Response> {
    const cookies = this.#cookiesFor(url);
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: { accept: "text/html", cookie: cookies },
      ...(body === undefined ? {} : { body }),
    });
    this.#keep(url, response.headers.getSetCookie());
    return response;
  }

  #cookiesFor(url: URL): string {
    const fitting = [...this.#cookies]
      .filter(([path]) => url.pathname.startsWith(path))
      .flatMap(([, cookies]) => [...cookies]);
    return fitting.map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #keep(url: URL, headers: readonly string[]): void {
    for (const header of headers) {
      const [pair = "", ...attributes] = header.split(";").map((part) => part.trim());
      const path =
        attributes.find((part) => part.toLowerCase().startsWith("path="))?.slice(5) ?? url.pathname;
      const name = pair.slice(0, pair.indexOf("="));
      const value = pair.slice(pair.indexOf("=") + 1);
      const jar = this.#cookies.get(path) ?? new Map<string, string>();
      this.#cookies.set(path, jar);
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
  }
}

export type Arrival =
  | { readonly kind: "redirect"; readonly url: URL }
  | { readonly kind: "page"; readonly url: URL; readonly status: number; readonly text: string };

interface Step {
  readonly url: URL;
  readonly body: URLSearchParams | undefined;
}

/** The page's first form with the person's answers, or undefined when it has none. */
const filledIn = (text: string, url: URL, person: Person): Step | undefined => {
  const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/i.exec(text);
  if (form === null) return undefined;
  const body = new URLSearchParams();
  for (const [tag] of (form[2] ?? "").matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(tag, "name");
    if (name === undefined) continue;
    const known: Readonly<Record<string, string>> = {
      username: person.username,
      password: person.password,
      otp: person.otp,
    };
    body.set(name, known[name] ?? attribute(tag, "value") ?? "");
  }
  return { url: new URL(unescape(form[1] ?? ""), url), body };
};

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\b${name}="([^"]*)"`, "i").exec(tag)?.[1];
  return found === undefined ? undefined : unescape(found);
};

const unescape = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_whole, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("&amp;", "&");

/**
 * Signs in at an identity provider over plain HTTP. Resolves with the redirect to the client's
 * redirect_uri, which is not followed. Rejects when a page refuses.
 */
export const signInOverHttp = async (
  authorizationUrl: URL,
  user: Person,
  browser: Browserless = new Browserless(),
): Promise<URL> => {
  const arrival = await browser.visit(authorizationUrl, user);
  if (arrival.kind === "redirect") return arrival.url;
  throw new Error(
    `The sign-in stopped at ${arrival.url.href} with status ${arrival.status}:\n${arrival.text}`,
  );
};
