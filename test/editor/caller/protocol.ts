import * as z from "zod";

/** Names the file, in the extension host's environment, that says where the caller listens. */
export const urlFileVariable = "LANYARD_TEST_CALLER";

export const callSchema = z.object({ name: z.string(), input: z.record(z.string(), z.unknown()) });
export type Call = z.infer<typeof callSchema>;

export const chatSchema = z.object({ query: z.string() });

export const listedTools = z.array(z.object({ name: z.string(), description: z.string() }));
export type ListedTool = z.infer<typeof listedTools>[number];

/** What came of a call: what the tool answered, or what the editor threw. */
export const calledSchema = z.object({ kind: z.enum(["answered", "failed"]), text: z.string() });
export type Called = z.infer<typeof calledSchema>;
