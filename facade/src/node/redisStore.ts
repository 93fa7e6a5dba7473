import { createClient } from "@redis/client";
import * as z from "zod";
import type { Disposable } from "../../../src/core/disposable.ts";
import { Emitter } from "../../../src/core/emitter.ts";
import type { Clock } from "../../../src/core/ports.ts";
import type { Secret } from "../../../src/core/secret.ts";
import type { SecretPlace } from "../core/config/parts.ts";
import type { StoreConfig } from "../core/config/schema.ts";
import type { FacadeStore, PersonsLog } from "../core/state/store.ts";

interface RedisParts {
  readonly clock: Clock;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  /** Told of each failure of a connection, and of each connection that is there. */
  readonly told: (failure: unknown) => void;
}

/** Longer than this nobody waits for an answer: the question fails, and is asked again. */
const commandMs = 2000;

/** Each is one step for everybody. KEYS and ARGV are named where they are given. */
const scripts = {
  // As `passedAt` in core/state/store.ts.
  pass: `local now, every, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local from = tonumber(redis.call('GET', KEYS[1]) or now)
if from < now then from = now end
local nextAt = from + every
local wait = nextAt - now - every * most
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], tostring(nextAt), 'PX', math.ceil(nextAt - now))
return 0`,
  append: `local at = redis.call('HINCRBY', KEYS[1], 'last', 1)
redis.call('RPUSH', KEYS[2], at .. ' ' .. ARGV[1])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[2]), -1)
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return at`,
  read: `redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
local place = redis.call('HMGET', KEYS[1], 'epoch', 'last')
return { place[1], place[2] or '0', redis.call('LRANGE', KEYS[2], 0, -1) }`,
};
const logReply = z.tuple([z.string(), z.coerce.number(), z.array(z.string())]);

type Client = ReturnType<typeof createClient>;

/** What several instances share, in Redis 6 or later, or Valkey. While it is not there every question of it rejects. */
export class RedisStore implements FacadeStore, AsyncDisposable {
  readonly #client: Client;
  readonly #listener: Client;
  readonly #clock: Clock;
  readonly #appended = new Emitter<string | undefined>();
  readonly #prefix: string;

  constructor({ url, username, password, prefix }: StoreConfig, { clock, secret, told }: RedisParts) {
    this.#clock = clock;
    this.#prefix = prefix;
    this.#client = createClient({
      url,
      // Read anew for each connection, so that a password can be replaced.
      credentialsProvider: {
        type: "async-credentials-provider",
        credentials: async () => ({
          ...(username === undefined ? {} : { username }),
          ...(password === undefined ? {} : { password: (await secret(password)).reveal() }),
        }),
      },
      disableOfflineQueue: true,
      commandOptions: { timeout: commandMs },
      pingInterval: commandMs,
      socket: {
        connectTimeout: commandMs,
        // An other end that is gone without a word is noticed by the pings that it does not answer.
        socketTimeout: 3 * commandMs,
        reconnectStrategy: (retries) => Math.min(100 * 2 ** Math.min(retries, 5), 2000),
      },
    });
    this.#listener = this.#client.duplicate({ disableOfflineQueue: false, commandOptions: {} });
    for (const client of [this.#client, this.#listener]) client.on("error", told);
    this.#client.on("ready", () => told(undefined));
    // What was published meanwhile was not heard.
    this.#listener.on("ready", () => this.#appended.fire(undefined));
  }

  /** Resolves once it is there; goes on trying until the store is disposed of. */
  async open(): Promise<void> {
    await Promise.all([
      this.#client.connect(),
      this.#listener.connect(),
      this.#listener.subscribe(this.#channel, (person) => this.#appended.fire(person)),
    ]);
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#client.get(this.#key(key))) ?? undefined;
  }

  async set(key: string, value: string, lifeMs: number): Promise<void> {
    await this.#client.set(this.#key(key), value, lifeOf(lifeMs));
  }

  async add(key: string, value: string, lifeMs: number): Promise<boolean> {
    const set = await this.#client.set(this.#key(key), value, { ...lifeOf(lifeMs), condition: "NX" });
    return set !== null;
  }

  async delete(key: string): Promise<void> {
    await this.#client.del(this.#key(key));
  }

  async pass(key: string, everyMs: number, most: number): Promise<number> {
    const args = [this.#clock.now(), everyMs, most];
    return z.coerce.number().parse(await this.#eval(scripts.pass, [`pass:${key}`], args));
  }

  async append(
    person: string,
    text: string,
    { most, lifeMs }: { readonly most: number; readonly lifeMs: number },
  ): Promise<void> {
    const args = [text, most, lifeMs, this.#channel, person];
    await this.#eval(scripts.append, ["log", `log:${person}`], args);
  }

  async read(person: string): Promise<PersonsLog> {
    const fresh = crypto.randomUUID().slice(0, 8);
    const reply = await this.#eval(scripts.read, ["log", `log:${person}`], [fresh]);
    const [epoch, last, lines] = logReply.parse(reply);
    const entries = lines.map((line) => {
      const blank = line.indexOf(" ");
      return { at: Number(line.slice(0, blank)), text: line.slice(blank + 1) };
    });
    return { epoch, last, entries };
  }

  onAppended(listener: (person: string | undefined) => void): Disposable {
    return this.#appended.event(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const client of [this.#client, this.#listener]) if (client.isOpen) client.destroy();
    return Promise.resolve();
  }

  get #channel(): string {
    return this.#key("appended");
  }

  #key(name: string): string {
    return `${this.#prefix}${name}`;
  }

  #eval(script: string, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#client.eval(script, {
      keys: keys.map((key) => this.#key(key)),
      arguments: args.map(String),
    });
  }
}

const lifeOf = (
  lifeMs: number,
): { readonly expiration: { readonly type: "PX"; readonly value: number } } => ({
  expiration: { type: "PX", value: Math.max(1, Math.ceil(lifeMs)) },
});
