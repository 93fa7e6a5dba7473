import { describe, expect, it } from "vitest";
import { file, github, read, sentence } from "./support.ts";

describe("the secret of a client", () => {
  const withSecret = (clientSecret: string): unknown => ({
    ...github,
    userAuth: { ...github.userAuth, clientSecret },
  });

  it("stays the name of its variable, which is told among what goes out", () => {
    const { connectors, issues } = read(file({ github: withSecret("${APP_SECRET}") }), {
      env: { APP_SECRET: "s3cret" },
    });
    expect(issues).toEqual([]);
    expect(connectors[0]?.userAuth.clientSecret).toBe("${APP_SECRET}");
    expect(connectors[0]?.shown?.variables).toContain("APP_SECRET");
    expect(JSON.stringify(connectors)).not.toContain("s3cret");
  });

  it("leaves the entry usable while the variable is not set: the machine's setting may have it", () => {
    const { connectors, issues } = read(file({ github: withSecret("${APP_SECRET}") }));
    expect(issues).toMatchObject([{ severity: "warning", code: "unsetVariable", args: ["APP_SECRET"] }]);
    expect(connectors).toHaveLength(1);
  });

  it.each(["GOCSPX-written-down", "${APP_SECRET:-GOCSPX-written-down}", "${A}${B}", "x${A}", ""])(
    "is refused where it is written into the file: %j",
    (text) => {
      const { connectors, issues } = read(file({ github: withSecret(text) }), { env: { A: "1", B: "2" } });
      expect(connectors).toEqual([]);
      expect(issues.map(sentence).join()).toContain("does not belong into the file");
      expect(issues.map(sentence).join()).not.toContain("GOCSPX");
    },
  );
});
