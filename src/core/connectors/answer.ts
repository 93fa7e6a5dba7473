import type { Grant } from "../credentials/grant.ts";
import type { Evidence } from "./status.ts";

/**
 * Who wants to know: a helper or the editor's own MCP client, who take the headers away with them; a person who
 * checks; or a wait that asks again and again until the person has done their part.
 */
export type Asker = "helper" | "editor" | "check" | "wait";

/** What a connector's question came to, and who says so. */
export interface PipelineAnswer {
  readonly grant: Grant;
  readonly evidence: Evidence;
  /** The source wants five seconds more between two questions (RFC 8628, section 3.5). */
  readonly slowDown?: true;
}
