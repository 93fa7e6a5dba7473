import type { Workbench } from "./workbench.ts";

/** How alice stands at the demo's connectors, by the first words of each row. */
export const standing = {
  salesforce: "Ready",
  github: "Ready",
  linear: "Ready",
  notion: "Needs connection",
  slack: "Denied",
  sentry: "Ready",
  pagerduty: "Step-up needed",
  platform: "Ready",
};

/** Connector by connector, the first words of its row. */
export const statusesIn = async (workbench: Workbench): Promise<Record<string, string>> => {
  const rows = (await workbench.tree()).filter(({ label }) => label in standing);
  return Object.fromEntries(rows.map(({ label, description }) => [label, description.split(" · ")[0] ?? ""]));
};
