import * as z from "zod";
import { guardSentence } from "../entry/headerValue.ts";
import { helperCommand } from "../command/helperCommand.ts";
import { jsonText } from "../text/jsonText.ts";
import { bridgeCommand } from "../command/bridgeCommand.ts";
import { bridgedUrlSchema, entrySchema } from "./schema.ts";

/** A JSON schema (draft-07), and the keywords by which VS Code's JSON editor goes beyond it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Written as an editor snippet: what follows `^` is inserted as it stands, with `$` and backslashes escaped. */
const asSnippet = (text: string): string => `^${jsonText(text).replaceAll(/[\\$}]/g, "\\$&")}`;

const helperSnippet = asSnippet(helperCommand);
const guardSnippet = asSnippet(guardSentence);

const connectorSnippet = {
  type: "http",
  url: "https://${1:mcp.example.com}/mcp",
  userAuth: {
    issuer: "https://${2:idp.example.com}",
    clientId: "${3:lanyard}",
    scopes: "${4:openid profile}",
  },
  headers: { Authorization: guardSnippet },
  headersHelper: helperSnippet,
};

const [shell, [option = "", line = ""]] = [bridgeCommand("NAME").command, bridgeCommand("NAME").args];

const bridgeSnippet = {
  ...{ command: shell, args: [option, asSnippet(line).replace("NAME", "${5:name}")] },
  userAuth: { url: connectorSnippet.url, ...connectorSnippet.userAuth },
  headers: connectorSnippet.headers,
};

const snippets = [
  {
    label: "Server with sign-in at your identity provider",
    description: "Lanyard gets this server's credential from the person's sign-in.",
    body: connectorSnippet,
  },
  {
    label: "Server with sign-in at your identity provider, for every client",
    description: "Clients start lanyard bridge, which has each request authorized.",
    body: bridgeSnippet,
  },
];

/**
 * The schema that gives `.mcp.json` completion and hover texts. It says of `userAuth` what the parser says, and nothing
 * of servers without it: they are not ours to judge.
 */
export const mcpJsonSchema = (): JsonSchema => {
  const {
    $schema,
    definitions,
    properties = {},
    required = [],
  } = z.toJSONSchema(entrySchema, {
    target: "draft-07",
    io: "input",
    override: ({ jsonSchema }) => allowVariables(jsonSchema),
  });
  const { type, headersHelper, userAuth } = properties;
  const ours = required.filter((name) => name !== "userAuth");
  return {
    ...($schema === undefined ? {} : { $schema }),
    title: "MCP servers of a project",
    type: "object",
    properties: {
      userAuth: sameAsInEntries(userAuth),
      mcpServers: {
        description: "The MCP servers of this project, by name.",
        type: "object",
        additionalProperties: {
          type: "object",
          defaultSnippets: snippets,
          properties: {
            ...properties,
            ...{ type: suggested(type), userAuth: optional(withBridgeUrl(userAuth)), ...started },
            headers: guardedSchema,
            headersHelper: withSnippet(headersHelper),
          },
          dependencies: {
            userAuth: {
              if: { required: ["command"] },
              then: { required: ["args"], properties: { userAuth: { required: ["url"] } } },
              else: { required: ours, properties: { type: type ?? true } },
            },
          },
        },
      },
    },
    ...(definitions === undefined ? {} : { definitions }),
    ...wholeAlone(userAuth),
  };
};

/** Without what has to be there: entries may take it over from the `userAuth` beside `mcpServers`. */
const optional = (schema: Schema): JsonSchema => {
  const { required: _none, ...rest } = typeof schema === "object" ? schema : {};
  return rest;
};

const entryAuthPointer = "#/properties/mcpServers/additionalProperties/properties/userAuth/properties";

/** The `userAuth` beside `mcpServers`: its settings are those of an entry, which are said once. */
const sameAsInEntries = (schema: Schema): JsonSchema => {
  const { properties = {}, ...rest } = optional(schema);
  const references = Object.keys(properties).map((name) => [name, { $ref: `${entryAuthPointer}/${name}` }]);
  return { ...rest, properties: Object.fromEntries(references) as Record<string, JsonSchema> };
};

/** Where no `userAuth` stands beside `mcpServers`, each entry's own has to be whole. */
const wholeAlone = (schema: Schema): JsonSchema => {
  const required = typeof schema === "object" ? (schema.required ?? []) : [];
  const entry = { properties: { userAuth: { required } } };
  return {
    if: { required: ["userAuth"] },
    then: {},
    else: { properties: { mcpServers: { additionalProperties: entry } } },
  };
};

type Schema = z.core.JSONSchema.JSONSchema | boolean | undefined;

/** The values of ours are offered; a server without `userAuth` may have others. */
const suggested = (type: Schema): JsonSchema => {
  if (typeof type !== "object") return {};
  const { description = "", ...rest } = type;
  return { description, anyOf: [rest, {}] };
};

/** What clients start. Said of every server: other commands are not ours to judge. */
const started: Readonly<Record<string, JsonSchema>> = {
  command: {
    description:
      "The program that clients start for this server. With userAuth: what starts lanyard bridge with this server's name.",
  },
  args: { description: "The program's arguments." },
};

const withBridgeUrl = (schema: Schema): JsonSchema => {
  const { properties = {} } = z.toJSONSchema(bridgedUrlSchema, {
    ...{ target: "draft-07", io: "input" },
    override: ({ jsonSchema }) => allowVariables(jsonSchema),
  });
  const { properties: own, ...rest } = typeof schema === "object" ? schema : {};
  return { ...rest, properties: { ...own, ...properties } };
};

/** Said of every server, but with what only a connector needs. */
const guardedSchema: JsonSchema = {
  description:
    "Headers that are sent with each request. A server with userAuth has a sentence with a line break inside under each header that its credential goes into: no client sends that, so nothing goes out where the helper gives none.",
  type: "object",
  defaultSnippets: [{ label: "No credential, no request", body: { Authorization: guardSnippet } }],
};

const withSnippet = (schema: Schema): JsonSchema => ({
  ...(typeof schema === "object" ? schema : {}),
  defaultSnippets: [{ label: "lanyard headers", body: helperSnippet }],
});

/** A text may hold variables, so what it has to look like is only known once they are expanded. */
const allowVariables = (schema: JsonSchema): void => {
  delete schema.pattern;
  delete schema.format;
  delete schema.minLength;
  delete schema.propertyNames;
};
