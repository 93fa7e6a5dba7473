import { expect, test } from "vitest";
import { readFacadeConfig } from "../../../../../facade/src/core/config/schema.ts";
import {
  facadeFile,
  facadeVaults,
  type FacadeVault,
} from "../../../../../src/core/config/edits/facadeFile.ts";

const draft = {
  ...{ name: "crm", clientId: "lanyard", resource: "https://mcp.crm.example.com" },
  issuer: "https://id.example.com/realms/acme",
};

test.each(facadeVaults)("the facade reads what is written for %s", (vault: FacadeVault) => {
  const read = readFacadeConfig(facadeFile({ ...draft, vault }));
  expect(read).toMatchObject({
    kind: "config",
    config: {
      url: "https://vault.example.com",
      identityProvider: { issuer: draft.issuer, clients: ["lanyard"], audience: "lanyard-facade" },
      targets: { [draft.resource]: { connector: "crm" } },
    },
  });
});

test("Entra's token endpoint is its tenant's, and the facade stands where Lanyard asks", () => {
  const issuer = "https://login.microsoftonline.com/1111/v2.0";
  const endpoint = "https://facade.acme.example/token";
  const written: unknown = JSON.parse(facadeFile({ ...draft, vault: "Entra", issuer, endpoint }));
  expect(written).toMatchObject({
    url: "https://facade.acme.example",
    vaults: { vault: { tokenEndpoint: "https://login.microsoftonline.com/1111/oauth2/v2.0/token" } },
  });
});
