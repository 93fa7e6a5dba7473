/** What the reference server lists. */
import { prompts, tools } from "./tools.ts";

const string = { type: "string" };

/** JSON Schema 2020-12, with what a careless hop on the way would lose. */
const wideSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: string, city: string },
    },
  },
  properties: {
    name: string,
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: string,
    email: string,
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

const schemas: Readonly<Record<string, object>> = {
  json_schema_2020_12_tool: wideSchema,
  test_custom_headers: {
    type: "object",
    properties: {
      region: { type: "string", "x-mcp-header": "Region" },
      priority: { type: "integer", "x-mcp-header": "Priority" },
      dryRun: { type: "boolean", "x-mcp-header": "Dry-Run" },
      query: string,
    },
  },
  test_sampling: { type: "object", properties: { prompt: string }, required: ["prompt"] },
  test_elicitation: { type: "object", properties: { message: string }, required: ["message"] },
};

export const paramHeaders: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  test_custom_headers: {
    region: "mcp-param-region",
    priority: "mcp-param-priority",
    dryRun: "mcp-param-dry-run",
  },
};

const passing = { ttlMs: 0, cacheScope: "private" };

const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  test_prompt_with_arguments: ["arg1", "arg2"],
  test_prompt_with_embedded_resource: ["resourceUri"],
};

export const listOf = (method: string): object | undefined => {
  switch (method) {
    case "tools/list":
      return {
        tools: Object.keys(tools).map((name) => ({
          ...{ name, description: `The tool ${name}` },
          inputSchema: schemas[name] ?? { type: "object" },
        })),
        ...passing,
      };
    case "prompts/list":
      return {
        prompts: Object.keys(prompts).map((name) => ({
          ...{ name, description: `The prompt ${name}` },
          arguments: (argumentsOf[name] ?? []).map((each) => ({
            ...{ name: each, description: each, required: true },
          })),
        })),
        ...passing,
      };
    case "resources/list":
      return {
        resources: ["static-text", "static-binary", "watched-resource"].map((name) => ({
          ...{ uri: `test://${name}`, name, description: `The resource ${name}` },
          mimeType: name === "static-binary" ? "image/png" : "text/plain",
        })),
        ...passing,
      };
    case "resources/templates/list":
      return {
        resourceTemplates: [
          {
            ...{ uriTemplate: "test://template/{id}/data", name: "template" },
            ...{ description: "A template", mimeType: "application/json" },
          },
        ],
        ...passing,
      };
    default:
      return undefined;
  }
};
