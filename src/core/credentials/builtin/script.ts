import * as z from "zod";
import { misconfigured } from "../grant.ts";
import { codedSource, type SourceRow } from "../row.ts";

const config = z.object({
  source: z
    .literal("script")
    .describe("The script after -- in headersHelper makes the headers, with the sign-in in its environment."),
});

/** `lanyard headers -- command`: the team's own script. Who asks runs it near themselves; nothing is fetched here. */
export const script: SourceRow<typeof config> = codedSource({
  config,
  destinations: () => [],
  headerNames: () => undefined,
  query: ({ source }, { connector }) =>
    Promise.resolve({
      grant: misconfigured(
        connector,
        'The source "{0}" needs a command: end headersHelper with "headers -- your-command".',
        source,
      ),
      answeredBy: "Lanyard",
    }),
});
