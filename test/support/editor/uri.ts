interface UriParts {
  readonly scheme: string;
  readonly authority?: string;
  readonly path?: string;
  readonly query?: string;
  readonly fragment?: string;
}

const parts = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** The editor's URI, as far as it is read, made and printed here: RFC 3986, with its parts decoded. */
export class Uri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;

  private constructor({ scheme, authority = "", path = "", query = "", fragment = "" }: UriParts) {
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
    this.query = query;
    this.fragment = fragment;
  }

  static from(of: UriParts): Uri {
    return new Uri(of);
  }

  static file(path: string): Uri {
    return new Uri({ scheme: "file", path: /^[a-z]:/i.test(path) ? `/${path.replaceAll("\\", "/")}` : path });
  }

  static parse(text: string): Uri {
    const [, scheme = "file", ...rest] = parts.exec(text) ?? [];
    const [authority = "", path = "", query = "", fragment = ""] = rest.map((part) =>
      decodeURIComponent((part as string | undefined) ?? ""),
    );
    return new Uri({ scheme, authority, path, query, fragment });
  }

  /** On Windows a drive's letter is small. */
  get fsPath(): string {
    const [, drive, rest] = /^\/([a-z]):(.*)$/is.exec(this.path) ?? [];
    return drive === undefined ? this.path : `${drive.toLowerCase()}:${(rest ?? "").replaceAll("/", "\\")}`;
  }

  toString(skipEncoding = false): string {
    const { scheme, authority, path, query, fragment } = this;
    const host = authority !== "" || scheme === "file" ? `//${authority}` : "";
    const text = `${scheme}:${host}${path}${query === "" ? "" : `?${query}`}${fragment === "" ? "" : `#${fragment}`}`;
    return skipEncoding ? text : encodeURI(text);
  }
}
