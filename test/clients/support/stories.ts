import { setTimeout as delay } from "node:timers/promises";
import { reconnectHint } from "../../../src/core/connectors/reconnect.ts";
import type { StatusKind } from "../../../src/core/connectors/board/status.ts";
import { english } from "../../../src/core/text.ts";
import type { Session } from "./session.ts";

/** One point of a story: what happens, and what is read then. */
export interface Point {
  readonly what: string;
  /** What the model or the terminal is told. */
  readonly claude: string;
  /** The row in Lanyard's view: the status, and what it says to type. */
  readonly row: string;
}

/** What a person lives through in one session, in order. */
export interface Story {
  readonly title: string;
  readonly run: (session: Session) => Promise<readonly Point[]>;
}

const large = { name: "Globex", amount: 50_000 };
const small = { name: "Globex", amount: 5_000 };
const create = "salesforce__create_opportunity";

const rowOf = ({ acme }: Session, server: string): string => {
  const entry = acme.board.get(acme.idOf(server));
  if (entry === undefined) throw new Error(`There is no row ${server}.`);
  return [entry.status.kind, reconnectHint(entry, english)].filter((part) => part !== undefined).join(" · ");
};

/** Waits until the row has got there by itself. */
const untilRow = async ({ acme }: Session, server: string, kind: StatusKind): Promise<void> => {
  while (acme.board.get(acme.idOf(server))?.status.kind !== kind) await delay(50);
};

/** Collects the points of a story; each is read when what happens is over. */
const teller = (session: Session, server: string): { points: Point[]; tell: Tell } => {
  const points: Point[] = [];
  return {
    points,
    tell: async (what, claude) => {
      const said = await claude;
      points.push({ what, claude: said, row: rowOf(session, server) });
    },
  };
};

type Tell = (what: string, claude: Promise<string>) => Promise<void>;

const inTime: Story = {
  title: "Approved in time",
  run: async (session) => {
    const { points, tell } = teller(session, "salesforce");
    const call = session.call(create, large);
    await session.acme.decide(await session.acme.pushOf("salesforce"), "approve");
    await tell("Alice asks for a large opportunity, and approves it on her phone at once", call);
    return points;
  },
};

const late: Story = {
  title: "Approved late",
  run: async (session) => {
    const { points, tell } = teller(session, "salesforce");
    const { acme } = session;
    await tell(
      "Alice asks for a large opportunity, and the phone lies elsewhere",
      session.call(create, large),
    );
    await acme.decide(await acme.pushOf("salesforce"), "approve");
    await untilRow(session, "salesforce", "granted");
    await tell("She approves it later, and asks again", session.call(create, large));
    await tell("`/mcp`", session.lineOf("salesforce"));
    await tell("`/mcp reconnect salesforce`", session.reconnect("salesforce"));
    await tell("She asks once more", session.call(create, large));
    return points;
  },
};

const rejected: Story = {
  title: "Rejected",
  run: async (session) => {
    const { points, tell } = teller(session, "salesforce");
    const call = session.call(create, large);
    await session.acme.decide(await session.acme.pushOf("salesforce"), "reject");
    await tell("Alice asks for a large opportunity, and rejects it on her phone", call);
    await tell("She asks for a small one", session.call(create, small));
    await tell("`/mcp reconnect salesforce`", session.reconnect("salesforce"));
    await tell("She asks for the small one again", session.call(create, small));
    return points;
  },
};

const revoked: Story = {
  title: "Revoked",
  run: async (session) => {
    const { points, tell } = teller(session, "salesforce");
    await session.acme.setRevoked(true);
    await tell("An administrator ends Alice's sign-in; she calls a tool", session.call(create, small));
    await tell("`/mcp reconnect salesforce`", session.reconnect("salesforce"));
    await session.acme.setRevoked(false);
    await session.acme.signIn();
    await tell("She may again, has signed in, and calls the tool", session.call(create, small));
    await tell("`/mcp reconnect salesforce`", session.reconnect("salesforce"));
    await tell("She calls the tool again", session.call(create, small));
    return points;
  },
};

const connected: Story = {
  title: "Connected while the session runs",
  run: async (session) => {
    const { points, tell } = teller(session, "notion");
    await tell("Notion was not connected when the session began", session.lineOf("notion"));
    await session.acme.connect("notion");
    await tell("Alice connects her account, and calls a tool", session.call("notion__search_pages"));
    await tell("`/mcp reconnect notion`", session.reconnect("notion"));
    await tell("She calls the tool again", session.call("notion__search_pages"));
    return points;
  },
};

export const stories: readonly Story[] = [inTime, late, rejected, revoked, connected];
