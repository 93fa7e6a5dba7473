import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { schemaFile, schemaText } from "../../../../../scripts/schema.ts";
import { mcpJsonSchema } from "../../../../../src/core/config/schema/jsonSchema.ts";

const server = (): unknown => mcpJsonSchema().properties?.["mcpServers"];

/** Every object in the schema, at any depth. */
const parts = (value: unknown): readonly object[] =>
  typeof value !== "object" || value === null ? [] : [value, ...Object.values(value).flatMap(parts)];

/** What a reference within the schema points at. */
const pointedAt = (reference: string): Record<string, unknown> => {
  let at: unknown = mcpJsonSchema();
  for (const name of reference.split("/").slice(1)) at = Reflect.get(Object(at), name);
  return Object(at) as Record<string, unknown>;
};

describe("the JSON schema of .mcp.json", () => {
  it("is in media/ as zod says it; `node scripts/schema.ts` writes it", async () => {
    expect(await readFile(schemaFile, "utf8")).toBe(await schemaText());
  });

  it("explains every setting of userAuth where the person hovers over it", () => {
    expect(server()).toMatchObject({
      additionalProperties: {
        properties: {
          url: { description: expect.any(String) as string },
          userAuth: {
            description: expect.any(String) as string,
            properties: {
              issuer: { type: "string", description: expect.any(String) as string },
              clientId: { type: "string", description: expect.any(String) as string },
              scopes: { default: "openid", description: expect.any(String) as string },
              resource: { type: "string", description: expect.any(String) as string },
              redirectUri: { type: "string", description: expect.any(String) as string },
              credential: { description: expect.any(String) as string },
            },
          },
        },
      },
    });
  });

  it("asks for type and url only beside userAuth, and for userAuth's own url where a command is started", () => {
    expect(server()).toMatchObject({
      additionalProperties: {
        dependencies: {
          userAuth: {
            if: { required: ["command"] },
            then: { properties: { userAuth: { required: ["url"] } } },
            else: {
              required: ["type", "url"],
              properties: { type: { enum: ["http", "streamable-http", "sse", "ws"] } },
            },
          },
        },
      },
    });
    expect(server()).not.toHaveProperty(["additionalProperties", "required"]);
  });

  it("asks for a whole userAuth where none stands beside mcpServers to build on", () => {
    expect(mcpJsonSchema()).toMatchObject({
      if: { required: ["userAuth"] },
      else: {
        properties: {
          mcpServers: {
            additionalProperties: { properties: { userAuth: { required: ["issuer", "clientId"] } } },
          },
        },
      },
    });
    const optional = ["mcpServers", "additionalProperties", "properties", "userAuth", "required"];
    expect(mcpJsonSchema().properties).not.toHaveProperty(optional);
    expect(mcpJsonSchema().properties).not.toHaveProperty(["userAuth", "required"]);
  });

  it("says the settings of a userAuth beside mcpServers once, in those of the entries", () => {
    const ofEntries = "#/properties/mcpServers/additionalProperties/properties/userAuth/properties";
    const settings = mcpJsonSchema().properties?.["userAuth"];
    const { url, ...own } = pointedAt(ofEntries);
    expect(url).toBeDefined();
    expect(settings).toMatchObject({
      properties: Object.fromEntries(
        Object.keys(own).map((name) => [name, { $ref: `${ofEntries}/${name}` }]),
      ),
    });
    expect(settings).not.toHaveProperty(["properties", "url"]);
  });

  it("lets a text hold variables: what it has to look like is judged after they are expanded", () => {
    const tooStrict = parts(mcpJsonSchema()).filter((part) =>
      ["pattern", "format", "minLength"].some((keyword) =>
        ["string", "number"].includes(typeof Reflect.get(part, keyword)),
      ),
    );
    expect(tooStrict).toEqual([]);
  });
});
