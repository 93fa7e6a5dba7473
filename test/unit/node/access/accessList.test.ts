import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeLists, sidIn } from "../../../../src/node/access/accessList.ts";

/** Lists as Windows makes them, in the file that `icacls /save` writes. */
const ada = "S-1-5-21-3623811015-3361044348-30300820-1001";
const bob = "S-1-5-21-3623811015-3361044348-30300820-1002";
const inProfile = `D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;${ada})`;
const inFolder = `D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;${ada})`;

const saved = (...lists: readonly (readonly [name: string, list: string])[]): Uint8Array =>
  Buffer.from(lists.map(([name, list]) => `${name}\r\n${list}\r\n`).join(""), "utf16le");
const judged = (list: string): ReturnType<typeof judgeLists> => judgeLists(saved([".lanyard", list]), ada);

describe("a home", () => {
  test.each([
    ["in the profile", inProfile],
    ["closed by hand", `D:PAI(A;OICI;FA;;;${ada})`],
    ["of the machine's first administrator", `D:AI(A;OICIID;FA;;;LA)(A;OICIID;FA;;;SY)`],
    ["in a profile of a domain", `D:P(A;OICI;FA;;;${ada})(A;OICI;FA;;;DA)(A;OICI;FA;;;EA)`],
    ["whose creator is named as one", `D:PAI(A;OICI;FA;;;${ada})(A;OICIIO;GA;;;CO)(A;;RC;;;OW)`],
    ["which apps in containers see", `${inProfile}(A;OICIID;0x1200a9;;;S-1-15-3-65536-1888954469-739942743)`],
    ["that others may pass through", `${inProfile}(A;;0x1200a0;;;BU)(A;;FX;;;WD)(A;;LORCWP;;;AU)`],
    ["which is denied to others", `D:PAI(D;OICI;FA;;;BU)(A;OICI;FA;;;${ada})`],
    ["which nobody may have", "D:P"],
    ["with an audit", `${inProfile}S:AI(AU;OICIIDSAFA;FA;;;WD)`],
  ])("%s is private", (_what, list) => {
    expect(judged(list)).toEqual({ kind: "private" });
  });

  test.each([
    [
      "made in C:\\",
      "D:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)(A;OICIIOID;SDGXGWGR;;;AU)",
      ["BU", "AU"],
    ],
    ["in ProgramData", `${inProfile}(A;CIID;DCLCRPCR;;;BU)(A;OICIIOID;GA;;;CO)`, ["BU"]],
    ["that everybody may read", `${inProfile}(A;OICIID;FR;;;WD)`, ["WD"]],
    ["in which files get readers", `${inProfile}(A;OIIO;GR;;;S-1-5-32-545)`, ["S-1-5-32-545"]],
    ["of which another user may change the list", `${inProfile}(A;;WD;;;${bob})`, [bob]],
    ["that another user may take", `${inProfile}(A;;WO;;;${bob})`, [bob]],
    ["on a disk without lists", "D:NO_ACCESS_CONTROL", ["WD"]],
    ["with a right of tomorrow", `${inProfile}(A;;ZZ;;;NS)`, ["NS"]],
  ])("%s is open", (_what, list, others) => {
    expect(judged(list)).toEqual({ kind: "open", others });
  });

  test("is as open as what lies in it", () => {
    const lists = saved(
      ["Müller 张伟", inProfile],
      ["Müller 张伟\\run", inProfile],
      ["Müller 张伟\\run\\endpoint", `${inFolder}(A;;FR;;;${bob})`],
    );
    expect(judgeLists(lists, ada)).toEqual({ kind: "open", others: [bob] });
    expect(judgeLists(Buffer.concat([Buffer.from([0xff, 0xfe]), lists]), ada).kind).toBe("open");
  });

  test.each([
    ["nothing", ""],
    ["a name alone", ".lanyard\r\n"],
    ["half a list", `.lanyard\r\n${inProfile.slice(0, -4)}\r\n`],
    ["a line that breaks off", `.lanyard\r\n${inProfile}\r\n.lanyard\\run\r\n`],
    ["a condition, which has brackets", `x\r\n${inProfile}(XA;;FA;;;AU;(Member_of {SID(BA)}))\r\n`],
    ["words", "Zugriff verweigert\r\n拒绝访问。\r\n"],
    [
      "the names that icacls shows",
      `.lanyard VORDEFINIERT\\Administratoren:(F)\r\n          PC\\ada:(F)\r\n`,
    ],
  ])("is unknown by %s", (_what, text) => {
    expect(judgeLists(Buffer.from(text, "utf16le"), ada)).toEqual({ kind: "unknown" });
  });

  test("is not private by whatever names somebody else and a right to change", () => {
    const word = fc.constantFrom(
      "FA",
      "GA",
      "GW",
      "GR",
      "FW",
      "FR",
      "DC",
      "LC",
      "DT",
      "SD",
      "WO",
      "0x1301bf",
      "0x2",
    );
    fc.assert(
      fc.property(word, fc.constantFrom("", "OICI", "OICIIO", "ID"), (rights, flags) => {
        expect(judged(`${inProfile}(A;${flags};${rights};;;${bob})`)).toEqual({
          kind: "open",
          others: [bob],
        });
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void judgeLists(bytes, ada)));
  });
});

test.each([
  ["English", `"desktop-4711\\ada","${ada}"\r\n`],
  ["German, in another code page", `"b\uFFFDro\\m\uFFFDller","${ada}"\r\n`],
  ["Chinese", `"公司\\张伟","${ada}"\r\n`],
  ["Entra", `"azuread\\ada","S-1-12-1-1037811015-1089344348-303008200-1001"\r\n`],
])("whoami names the person's SID: %s", (_language, text) => {
  expect(sidIn(text)).toMatch(/^S-1-(?:5-21|12-1)-[\d-]+-1001$/);
});

test.each(["", "ERROR: no", `"ada","none"`])("whoami says nothing: %j", (text) => {
  expect(sidIn(text)).toBeUndefined();
});
