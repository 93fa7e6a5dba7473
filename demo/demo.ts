import { AdminService } from "./admin/adminService.ts";
import { adminRoutes } from "./admin/routes.ts";
import { connectorRoutes } from "./connectors/routes.ts";
import { connectors, users } from "./company.ts";
import { listen, type Listener } from "./http/listener.ts";
import { router } from "./http/router.ts";
import { startIdp } from "./idp/idp.ts";
import { Stats } from "./stats.ts";
import { VaultFrontend } from "./vault/frontend.ts";
import { answerExchange } from "./vault/formats/tokenExchange.ts";
import { vaultRoutes } from "./vault/routes.ts";
import { Vault } from "./vault/vault.ts";

export interface AcmeOptions {
  /** The loopback address to listen on; 127.0.0.1 when left out. */
  readonly host?: string;
  readonly log?: (line: string) => void;
  /** Lifetime of access tokens, 300 when left out. */
  readonly accessTokenSeconds?: number;
  /** Lifetime of the credentials that the vault issues, 300 when left out. */
  readonly credentialSeconds?: number;
  /** How long a push waits on the phone, 120 when left out. */
  readonly pushSeconds?: number;
}

/** The demo company, running. */
export interface Acme {
  /** The issuer's URL. */
  readonly idp: string;
  readonly admin: string;
  readonly vault: string;
  /** The page that stands in for everyone's phone. */
  readonly phone: string;
  readonly connectors: readonly { readonly name: string; readonly url: string }[];
  readonly users: readonly { readonly username: string; readonly password: string; readonly otp: string }[];
  /** Leaves no socket, timer or listener. */
  close(): Promise<void>;
}

/** Starts Acme: an identity provider, a vault, eight connectors and an admin page, each on a random loopback port. */
export const startAcme = async (options: AcmeOptions = {}): Promise<Acme> => {
  const host = options.host ?? "127.0.0.1";
  const log = options.log ?? ((): void => undefined);
  const stats = new Stats();
  const listeners = await listenAll(host);
  const [idpListener, vaultListener, connectorListener, adminListener] = listeners;

  const addresses = connectors.map(({ name }) => ({ name, url: `${connectorListener.url}/${name}/mcp` }));
  const nameOf = (resource: string): string | undefined =>
    addresses.find(({ name, url }) => resource === url || resource === `${connectorListener.url}/${name}`)
      ?.name;

  const vault = new Vault({
    url: vaultListener.url,
    connectors,
    users: users.map(({ username }) => username),
    credentialSeconds: options.credentialSeconds ?? 300,
    pushSeconds: options.pushSeconds ?? 120,
  });
  const idp = startIdp({
    listener: idpListener,
    accessTokenSeconds: options.accessTokenSeconds ?? 300,
    isResource: (uri) => uri === vaultListener.url || nameOf(uri) !== undefined,
    stats,
    log,
    exchange: (question) => {
      stats.count("exchanges");
      return answerExchange(frontend, nameOf, question);
    },
  });
  const frontend = new VaultFrontend(vault, (token) => idp.findSubject(token));

  const serve = (listener: Listener, routes: Parameters<typeof router>[0]["routes"]): void => {
    listener.serve(router({ origin: listener.url, routes, log }));
  };
  serve(vaultListener, vaultRoutes({ url: vaultListener.url, vault, frontend, stats, nameOf }));
  serve(connectorListener, connectorRoutes(vault));
  serve(adminListener, adminRoutes(new AdminService({ idp, vault, stats })));

  return {
    idp: idp.issuer,
    admin: adminListener.url,
    vault: vaultListener.url,
    phone: `${adminListener.url}/phone`,
    connectors: addresses,
    users: users.map(({ username, password, otp }) => ({ username, password, otp })),
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
      vault.changes.wakeAll();
      vault.events.wakeAll();
    },
  };
};

/** Four listeners, or none: what was opened is closed again when one fails. */
const listenAll = async (host: string): Promise<readonly [Listener, Listener, Listener, Listener]> => {
  const opened: Listener[] = [];
  const open = async (): Promise<Listener> => {
    const listener = await listen(host);
    opened.push(listener);
    return listener;
  };
  try {
    return [await open(), await open(), await open(), await open()];
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()));
    throw error;
  }
};
