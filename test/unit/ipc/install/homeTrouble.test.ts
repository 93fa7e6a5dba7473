import { expect, it } from "vitest";
import { LanyardError } from "../../../../src/core/errors.ts";
import { english } from "../../../../src/core/text.ts";
import { homeTrouble } from "../../../../src/ipc/install/homeTrouble.ts";

it.each([
  ["ENOSPC", "disk of /home/me/.lanyard is full"],
  ["EDQUOT", "disk of /home/me/.lanyard is full"],
  ["EROFS", "read-only"],
  ["EACCES", "may not write"],
  ["EPERM", "may not write"],
  ["EBUSY", "Another program holds files"],
  ["EIO", "cannot be used (EIO)"],
])("%s is told as what it is", (code, words) => {
  const error = Object.assign(new Error("…"), { code });
  expect(homeTrouble(error, "/home/me/.lanyard", english)).toContain(words);
});

it("an unsafe place is told in the words that name it", () => {
  const error = new LanyardError("endpointUnsafe", "/x is a link.");
  expect(homeTrouble(error, "/x", english)).toContain("/x is a link.");
});
