import type { Clock, Fetch } from "../../../src/core/ports.ts";
import type { Secret } from "../../../src/core/secret.ts";
import { startTrace, withTrace } from "../../../src/core/trace.ts";
import type { AuditSink } from "./audit.ts";
import type { SecretPlace } from "./config/parts.ts";
import type { FacadeConfig } from "./config/schema.ts";
import { pageAddresses, pageFor, type ConnectParts } from "./connect/flow.ts";
import { sealBy } from "./connect/seal.ts";
import { pageSignInBy } from "./connect/signIn.ts";
import { Deferrals } from "./deferrals.ts";
import { EditorEvents } from "./events.ts";
import type { ExchangeParts } from "./exchange.ts";
import type { FeedParts } from "./feed.ts";
import { limitOf } from "./limit.ts";
import { Metrics } from "./metrics.ts";
import type { PushParts } from "./push.ts";
import type { SignalParts, SignalSource } from "./signals.ts";
import type { FacadeStore } from "./state/store.ts";
import { endingsIn } from "./subject/endings.ts";
import { keysAt } from "./subject/keys.ts";
import { livenessBy } from "./subject/liveness.ts";
import { metadataOf, type IdpMetadata } from "./subject/metadata.ts";
import { remembering } from "./subject/recent.ts";
import { verifySubject, verifyToken } from "./subject/verify.ts";
import { targetsOf } from "./targets.ts";
import { wireOver } from "./wire.ts";

/** What the facade needs of the world. */
export interface FacadePorts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Reads a secret anew, each time. */
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly audit: AuditSink;
}

/** What outlives a change of the configuration. */
export interface FacadeState {
  readonly store: FacadeStore;
  readonly events: EditorEvents;
  readonly deferrals: Deferrals;
  readonly unread: PushParts["unread"];
  readonly metrics: Metrics;
}

/** Over what several instances share, or what one alone keeps. */
export const stateOver = (store: FacadeStore, clock: Clock): FacadeState => ({
  store,
  events: new EditorEvents(store, clock),
  deferrals: new Deferrals(store, clock),
  unread: new Map(),
  metrics: new Metrics(),
});

/** A facade by one configuration; a changed one makes another, over the same state. */
export interface Facade {
  readonly config: FacadeConfig;
  readonly exchange: ExchangeParts;
  readonly feed: FeedParts;
  readonly connect: ConnectParts;
  readonly signals: SignalParts;
  readonly logouts: SignalSource;
  readonly transmitter: SignalSource | undefined;
  readonly metadata: () => Promise<IdpMetadata | undefined>;
  readonly state: FacadeState;
  readonly secret: FacadePorts["secret"];
}

export const facadeOf = (config: FacadeConfig, ports: FacadePorts, state: FacadeState): Facade => {
  const { clock, secret } = ports;
  const { store, events, deferrals, unread, metrics } = state;
  const idp = config.identityProvider;
  const wire = wireOver(ports.fetch, clock);
  const metadata = metadataOf(idp.issuer, { wire, clock });
  const findKey = keysAt(async () => (await metadata())?.jwks_uri, { wire, clock });
  const endings = endingsIn({ store, clock });
  const audit: AuditSink = (line) => {
    metrics.count(line);
    ports.audit(line);
  };
  const liveness = livenessBy({ idp, metadata, wire, clock, secret, endings });
  const verify = remembering((token, kind) => verifySubject(token, kind, { idp, findKey, clock }), clock);
  const limit = limitOf(config.questionsPerMinute, store);
  const shared = { verify, liveness, store, clock, limit };
  const findTarget = targetsOf(config);
  const seal = sealBy({ secret: () => secret(idp.clientSecret), url: config.url, clock });
  const signIn = pageSignInBy({
    ...{ idp, metadata, fetch: ports.fetch, clock, secret },
    redirectUri: pageAddresses(config).signedIn,
  });
  const signals = config.sharedSignals;
  return {
    ...{ config, metadata, state, secret },
    exchange: {
      ...{ ...shared, audit, config, metadata, secret, deferrals, wakers: events.wakers },
      findTarget,
      push: { idp, metadata, findKey, wire, clock, secret, store, unread },
      page: (target, subject) => pageFor({ config, seal }, target, subject),
      wire: (traceId) => wireOver(withTrace(ports.fetch, startTrace(traceId)), clock),
    },
    connect: { config, findTarget, seal, signIn, store, events, wire, secret, audit },
    feed: {
      ...{ ...shared, events, readsAccessTokens: idp.subjectTokens.includes("access_token") },
      verify: (token) => verifyToken(token, "access_token", { idp, findKey, clock }),
    },
    signals: { endings, events, store, clock, audit },
    logouts: { issuer: idp.issuer, audiences: [...idp.clients, idp.clientId], findKey, people: idp.issuer },
    transmitter:
      signals === undefined
        ? undefined
        : {
            ...{ issuer: signals.issuer, audiences: [signals.audience], people: idp.issuer },
            findKey: keysAt(() => Promise.resolve(signals.jwksUri), { wire, clock }),
          },
  };
};
