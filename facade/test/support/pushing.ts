import type { Clock } from "../../../src/core/ports.ts";
import { fakeClock } from "../../../test/support/ports.ts";
import { MemoryStore } from "../../src/core/state/memoryStore.ts";
import type { FacadeStore } from "../../src/core/state/store.ts";
import {
  grants,
  issuer,
  plainConfig,
  refuses,
  seconds,
  sign,
  World,
  type Over,
  type Reached,
} from "./world.ts";

export const ciba = `${issuer}/protocol/openid-connect/ciba`;
/** A facade before an identity provider that answers polls with these, one by one, and then that it is pending. */
export const pushing = (
  answers: Response[],
  over: Over = {},
  clock: Clock = fakeClock(Date.now()),
  store: FacadeStore = new MemoryStore(clock),
): World => {
  const world = new World(plainConfig({ push: { message: "CRM for Acme", ...over } }), clock, store);
  // As Keycloak does, which takes no spaces.
  world.answer(ciba, ({ form }) =>
    isPlain(form.get("binding_message"))
      ? Response.json({ auth_req_id: "request-1", expires_in: 60, interval: 0 })
      : refuses(400, { error: "invalid_binding_message" }),
  );
  world.vault(({ form }) =>
    form.get("grant_type") === "urn:openid:params:grant-type:ciba"
      ? (answers.shift() ?? refuses(400, { error: "authorization_pending" }))
      : grants(),
  );
  return world;
};
const isPlain = (message: string | null): boolean => /^[a-zA-Z0-9-._+/!?#]{1,50}$/.test(message ?? "");
/** What has reached the phone. */
export const pushesOf = (world: World): readonly Reached[] =>
  world.to("/ciba").filter(({ form }) => isPlain(form.get("binding_message")));
export const idToken = (sub: string, header: Over = {}): Promise<string> =>
  sign({ iss: issuer, aud: "lanyard-facade", sub, iat: seconds(), exp: seconds() + 60 }, header);
