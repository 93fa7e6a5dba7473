import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdtemp, readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { LanyardError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { draftBeside, placeDraft, removeClaim, writeDraft } from "./claimFile.ts";
import {
  endpointFileOf,
  formatEndpoint,
  readEndpoint,
  runDirectoryOf,
  type EndpointRecord,
} from "./endpointFile.ts";
import { isSharedFolder, ownRunDirectory } from "./machine.ts";
import { ensureHome, ensurePrivateDirectory, keepsWhatItHolds, unsafe } from "./safety.ts";

/** Linux cuts a longer path off in silence past 107 bytes; macOS fails past 103. */
export const longestSocketPath = 100;
const draftName = /^endpoint\.[0-9a-f]{16}$/;
const socketName = /^agent-[0-9a-f]{16}\.sock$/;
const privatePrefix = "lanyard-";
const mostClaims = 5;
const sweepAfterMs = 60_000;

/**
 * Whether an agent answers, answers that it no longer leads, holds its socket but says nothing in time, or has left its
 * socket behind.
 */
export type Life = "live" | "retired" | "silent" | "dead";

export interface EndpointOptions {
  readonly home: string;
  readonly version: string;
  readonly probe: (record: EndpointRecord) => Promise<Life>;
  readonly platform?: NodeJS.Platform;
  /** Where a socket goes when its path under `home` would be too long; the first that is short enough. */
  readonly shortDirectories?: readonly string[];
  /** The file system of the home has no sockets: theirs goes where one would go whose path is too long. */
  readonly isSocketElsewhere?: boolean;
  /** Whether other machines see this folder too; asked of the system unless said. */
  readonly isShared?: (folder: string) => Promise<boolean>;
}

export type Claim =
  | { readonly kind: "free" }
  /** Another agent answers. Its endpoint is left alone. */
  | { readonly kind: "taken"; readonly record: EndpointRecord };

/**
 * Finds a place for an agent to listen at, with a key of its own. Nobody can find it before `publish`.
 * @throws LanyardError `endpointUnsafe` when the place could have been made by others.
 */
export const createEndpoint = async (options: EndpointOptions): Promise<Endpoint> => {
  const { home, version } = options;
  await ensureHome(home);
  const isShared = await (options.isShared ?? isSharedFolder)(home);
  const ownDirectory = isShared ? ownRunDirectory(home) : undefined;
  await ensurePrivateDirectory(ownDirectory ?? runDirectoryOf(home));
  const key = new Secret(randomBytes(32).toString("base64url"));
  const address = await chooseAddress(isShared ? { ...options, isSocketElsewhere: true } : options);
  return new Endpoint(options, { address, key, pid: process.pid, version });
};

/** One agent's place. Listen at `record.address`, then `publish`; `release` before the listener closes. */
export class Endpoint {
  readonly record: EndpointRecord;
  readonly #options: EndpointOptions;
  readonly #file: string;
  readonly #text: string;
  /** Written at the first claim and kept, so that the place of one who dies can be taken on a full disk, too. */
  readonly #draft: string;

  constructor(options: EndpointOptions, record: EndpointRecord) {
    this.#options = options;
    this.#file = endpointFileOf(options.home);
    this.record = record;
    this.#text = formatEndpoint(record);
    this.#draft = draftBeside(this.#file);
  }

  /**
   * Makes this the endpoint that helpers find. A file whose agent is dead is replaced, one whose agent answers never:
   * the file is linked into place, which fails where one has appeared meanwhile.
   * @param silent an agent that has just failed to answer; it is not asked again.
   * @throws LanyardError `endpointUnsafe` when the file could have been made or read by others.
   */
  async publish(silent?: EndpointRecord): Promise<Claim> {
    await this.closeToOthers();
    for (let claim = 0; claim < mostClaims; claim += 1) {
      const place = this.#place().catch((error: unknown) => this.#unlessTaken(error, silent));
      if (await place) return { kind: "free" };
      const rival = await liveRival(this.#file, this.#options, silent);
      if (rival.kind === "live") return { kind: "taken", record: rival.record };
      if (rival.kind === "gone") await removeClaim(this.#file, rival.text, { spare: this.#draft });
    }
    throw new LanyardError("internal", `${this.#file} changes all the time; another program writes it.`);
  }

  async #place(): Promise<boolean> {
    await writeDraft(this.#draft, this.#text);
    return placeDraft(this.#draft, this.#file);
  }

  /** On a full disk nothing can be written, but an agent that answers is found there as ever. @returns false then. */
  async #unlessTaken(failure: unknown, silent: EndpointRecord | undefined): Promise<false> {
    const rival = await liveRival(this.#file, this.#options, silent).catch(() => undefined);
    if (rival?.kind !== "live") throw failure;
    return false;
  }

  /** Lets this user alone connect. */
  async closeToOthers(): Promise<void> {
    if (this.record.address.kind === "socket") await chmod(this.record.address.path, 0o600);
  }

  /** Makes the folder of the socket again, where that was swept away with it. */
  async makeRoom(): Promise<void> {
    await ensureHome(this.#options.home);
    await ensurePrivateDirectory(dirname(this.#file));
    await ensurePrivateDirectory(dirname(this.record.address.path));
  }

  /** Whether helpers still find this endpoint. */
  async isPublished(): Promise<boolean> {
    const reading = await readEndpoint(this.#file);
    return reading.kind === "record" && reading.text === this.#text;
  }

  /** Removes the file if it still names this endpoint. */
  async release(): Promise<void> {
    await removeClaim(this.#file, this.#text, { spare: this.#draft });
  }

  /** Removes what else is there. After the listener is closed, which unlinks the socket. */
  async clear(): Promise<void> {
    await rm(this.#draft, { force: true });
    if (this.record.address.kind === "socket") await removePrivateDirectory(this.record.address.path);
  }

  /** Removes what agents that were killed left behind. What was made a moment ago may not be in use yet. */
  async sweep(): Promise<void> {
    const directory = runDirectoryOf(this.#options.home);
    const names = (await readdir(directory)).filter((name) => socketName.test(name) || draftName.test(name));
    for (const name of names) {
      const path = join(directory, name);
      const { mtimeMs } = await lstat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs >= sweepAfterMs && (await this.#isLeft(name, path)))
        await rm(path, { force: true });
    }
  }

  async #isLeft(name: string, path: string): Promise<boolean> {
    if (path === this.record.address.path || path === this.#draft) return false;
    if (socketName.test(name)) return this.#isDead({ ...this.record, address: { kind: "socket", path } });
    const reading = await readEndpoint(path);
    return reading.kind === "record" ? this.#isDead(reading.record) : reading.kind === "garbled";
  }

  async #isDead(record: EndpointRecord): Promise<boolean> {
    return (await this.#options.probe(record)) === "dead";
  }
}

type Rival =
  | { readonly kind: "none" }
  | { readonly kind: "gone"; readonly text: string }
  | { readonly kind: "live"; readonly record: EndpointRecord };

const liveRival = async (
  file: string,
  { probe }: EndpointOptions,
  silent: EndpointRecord | undefined,
): Promise<Rival> => {
  const reading = await readEndpoint(file);
  switch (reading.kind) {
    case "absent":
      return { kind: "none" };
    case "unsafe":
      throw unsafe(file, reading.what);
    case "unreadable":
      throw new LanyardError("endpointUnsafe", `${file} cannot be read. Remove it; Lanyard makes it again.`);
    case "garbled":
      return { kind: "gone", text: reading.text };
    case "record": {
      const isSilent = reading.record.key.reveal() === silent?.key.reveal();
      const life = isSilent ? "silent" : await probe(reading.record);
      if (life === "live") return { kind: "live", record: reading.record };
      if (life === "dead") await removeSocket(reading.record);
      return { kind: "gone", text: reading.text };
    }
  }
};

const chooseAddress = async (options: EndpointOptions): Promise<EndpointRecord["address"]> => {
  const platform = options.platform ?? process.platform;
  if (platform === "win32") {
    return { kind: "pipe", path: `\\\\.\\pipe\\lanyard-${randomBytes(16).toString("hex")}` };
  }
  const name = `agent-${randomBytes(8).toString("hex")}.sock`;
  const path = join(runDirectoryOf(options.home), name);
  if (isShortEnough(path) && options.isSocketElsewhere !== true) return { kind: "socket", path };
  return { kind: "socket", path: join(await shortDirectory(options, name), name) };
};

const isShortEnough = (path: string): boolean => Buffer.byteLength(path) <= longestSocketPath;

/** A directory of this agent's own, made so that nobody else can enter it (mkdtemp: 0700). */
const shortDirectory = async (options: EndpointOptions, name: string): Promise<string> => {
  const candidates = options.shortDirectories ?? defaultShortDirectories();
  for (const parent of candidates) {
    if (!isShortEnough(join(parent, `${privatePrefix}XXXXXX`, name))) continue;
    if (!(await keepsWhatItHolds(parent))) continue;
    try {
      return await mkdtemp(join(parent, privatePrefix));
    } catch {
      continue;
    }
  }
  throw new LanyardError(
    "endpointUnsafe",
    `The path of Lanyard's socket would be over ${longestSocketPath} bytes under ${options.home}, and there is no shorter place. Set LANYARD_HOME to a shorter path.`,
  );
};

const defaultShortDirectories = (): readonly string[] =>
  [process.env["XDG_RUNTIME_DIR"], tmpdir(), "/tmp"].filter((directory) => directory !== undefined);

/** Removes what a dead agent listened at, if it has a name that agents give. */
export const removeSocket = async ({ address }: EndpointRecord): Promise<void> => {
  if (address.kind !== "socket" || !socketName.test(basename(address.path))) return;
  await rm(address.path, { force: true });
  await removePrivateDirectory(address.path);
};

/** Only one that was made here: by its name, and empty. */
const removePrivateDirectory = async (socketPath: string): Promise<void> => {
  const directory = dirname(socketPath);
  if (!basename(directory).startsWith(privatePrefix)) return;
  await rmdir(directory).catch(() => undefined);
};
