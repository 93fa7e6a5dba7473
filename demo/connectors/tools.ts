import { z } from "zod";

/** Who is calling. */
export interface Caller {
  readonly user: string;
  readonly connector: string;
}

/** One tool of a connector. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodRawShape;
  /** The text that the model reads. The arguments have passed `input`. */
  readonly run: (args: Readonly<Record<string, unknown>>, caller: Caller) => string;
  /** Why this call needs a fresh step-up behind the credential, or undefined when it needs none. */
  readonly needsFresh?: (args: unknown) => string | undefined;
}

/** Above this an opportunity needs a fresh step-up. */
export const largeAmount = 25_000;

const whoami: Tool = {
  name: "whoami",
  description: "Tells as whom this connector sees you.",
  input: {},
  run: (_args, { user, connector }) => JSON.stringify({ user, connector }),
};

const opportunity = { name: z.string().min(1), amount: z.number().nonnegative() };

const createOpportunity: Tool = {
  name: "create_opportunity",
  description: "Creates a sales opportunity. The amount is in US dollars.",
  input: opportunity,
  run: (args, { user }) => {
    const { name, amount } = z.object(opportunity).parse(args);
    return `Created the opportunity "${name}" over $${amount.toLocaleString("en-US")}, owned by ${user}.`;
  },
  needsFresh: (args) => {
    const parsed = z.object({ amount: z.number() }).safeParse(args);
    if (!parsed.success || parsed.data.amount <= largeAmount) return undefined;
    return `Opportunities over ${largeAmount} need a second factor from the last 5 minutes`;
  },
};

/** A tool that looks something up in a list that never changes. */
const list = (name: string, description: string, items: readonly string[]): Tool => ({
  name,
  description,
  input: { query: z.string().optional().describe("Words that the entry must hold.") },
  run: ({ query }) => {
    const words = typeof query === "string" ? query.toLowerCase() : "";
    const found = items.filter((item) => item.toLowerCase().includes(words));
    return found.length === 0 ? "Nothing found." : found.join("\n");
  },
});

const own: Readonly<Record<string, readonly Tool[]>> = {
  salesforce: [
    createOpportunity,
    list("list_opportunities", "Lists open sales opportunities.", [
      "Globex: renewal, $18,000, closes in March",
      "Initech: 40 seats, $12,500, closes in April",
      "Umbrella: pilot, $4,000, closes in May",
    ]),
  ],
  github: [
    list("list_pull_requests", "Lists open pull requests of the acme organization.", [
      "acme/web#418 Show the invoice total with tax (waits for review)",
      "acme/api#97 Retry the webhook three times (checks failed)",
      "acme/infra#31 Move the queue to the new region (draft)",
    ]),
  ],
  linear: [
    list("list_issues", "Lists the issues that are assigned to you.", [
      "ACM-201 Invoice total is off by a cent (in progress)",
      "ACM-214 Search finds nothing after a rename (todo)",
    ]),
  ],
  notion: [
    list("search_pages", "Searches pages of the Acme workspace.", [
      "On-call handbook",
      "Q3 planning",
      "How we review code",
    ]),
  ],
  slack: [
    list("search_messages", "Searches messages of the support channels.", [
      "#support: refunds are slow today",
    ]),
  ],
  sentry: [
    list("list_errors", "Lists unresolved errors of the last day.", [
      "WEB-1182 TypeError in InvoiceTotal (214 events)",
      "API-77 TimeoutError in WebhookSender (31 events)",
    ]),
  ],
  pagerduty: [
    list("list_incidents", "Lists open incidents.", [
      "P-5521 Webhook queue is growing (acknowledged, on call: Bob)",
    ]),
  ],
  platform: [
    list("list_services", "Lists services and where they run.", [
      "web: 3 of 3 healthy, version 418",
      "api: 4 of 4 healthy, version 97",
      "worker: 1 of 2 healthy, version 96",
    ]),
  ],
};

/** The tools of a connector; every one has `whoami`. */
export const toolsOf = (connector: string): readonly Tool[] => [whoami, ...(own[connector] ?? [])];
