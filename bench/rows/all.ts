import type { Family } from "../row.ts";
import { agentFamily } from "./agent.ts";
import { approvalFamily } from "./approval.ts";
import { bridgeFamily } from "./bridge.ts";
import { clientFamily } from "./client.ts";
import { facadeFamily } from "./facade.ts";
import { firstCheckFamily } from "./firstCheck.ts";
import { editorFamily } from "./editor.ts";
import { buildFamily } from "./build.ts";
import { crowdFamily, helperFamily } from "./helper.ts";
import { memoryFamily } from "./memory.ts";
import { sizeFamily } from "./size.ts";

/** In the order of the table. */
export const families: readonly Family[] = [
  helperFamily,
  clientFamily,
  crowdFamily,
  bridgeFamily,
  agentFamily,
  editorFamily,
  sizeFamily,
  buildFamily,
  memoryFamily,
  firstCheckFamily,
  approvalFamily,
  facadeFamily,
];
