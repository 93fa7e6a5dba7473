import { beforeEach, describe, expect, it, vi } from "vitest";
import { clientSecretFor } from "../../../../src/editor/identity/clientSecrets.ts";
import { editor } from "../../../support/editor/vscode.ts";

const issuer = "https://accounts.google.com";
const client = { issuer, clientId: "app" };

beforeEach(() => {
  editor.reset();
  vi.unstubAllEnvs();
});

describe("a client's secret", () => {
  it("is that of the machine's setting, which may name a variable", () => {
    vi.stubEnv("APP_SECRET", "by-variable");
    editor.settings.set("lanyard.clientSecrets", { app: { issuer, secret: "${APP_SECRET}" } });
    expect(clientSecretFor({ ...client, clientSecret: "${OTHER}" })?.reveal()).toBe("by-variable");
  });

  it("is that of the variable which the entry names", () => {
    vi.stubEnv("APP_SECRET", "by-entry");
    expect(clientSecretFor({ ...client, clientSecret: "${APP_SECRET}" })?.reveal()).toBe("by-entry");
    expect(clientSecretFor({ ...client, clientSecret: "${NOT_SET_ANYWHERE}" })).toBeUndefined();
  });

  it("goes to no other issuer than the setting's", () => {
    editor.settings.set("lanyard.clientSecrets", { app: { issuer, secret: "s" } });
    expect(clientSecretFor({ issuer: "https://evil.example", clientId: "app" })).toBeUndefined();
    expect(clientSecretFor({ issuer, clientId: "constructor" })).toBeUndefined();
  });
});
