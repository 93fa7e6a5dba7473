import { inject } from "vitest";
import { featuresOf } from "./support/features.ts";
import { startKeycloak } from "./support/keycloak.ts";

const installation = inject("keycloak");

featuresOf("Keycloak", () => {
  if (installation === undefined) throw new Error("Keycloak is not here.");
  return startKeycloak(installation);
});
