import { describe, expect, test } from "vitest";
import { runHostSuite } from "../host.ts";

const results = await runHostSuite();

describe("in the extension host", () => {
  for (const { name, failure } of results) {
    test(name, () => expect(failure).toBeUndefined());
  }
});
