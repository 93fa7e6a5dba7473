import { expect, test } from "vitest";
import { nodeForBatch } from "../../../../src/ipc/install/batch.ts";

const variables = {
  USERPROFILE: String.raw`C:\Users\Müller`,
  LOCALAPPDATA: String.raw`C:\Users\Müller\AppData\Local`,
};
const inProfile = String.raw`C:\Users\Müller\AppData\Local\Programs\Microsoft VS Code\Code.exe`;

test.each<[what: string, home: string, nodePath: string, place: string]>([
  [
    "a plain path",
    String.raw`C:\Users\ada\.lanyard`,
    String.raw`C:\VS Code\Code.exe`,
    String.raw`C:\VS Code\Code.exe`,
  ],
  ["a per cent sign", String.raw`C:\l`, String.raw`C:\100% VS\Code.exe`, String.raw`C:\100%% VS\Code.exe`],
  [
    "an umlaut on the way from the home",
    String.raw`C:\Users\Müller\.lanyard`,
    inProfile,
    String.raw`%~dp0..\..\AppData\Local\Programs\Microsoft VS Code\Code.exe`,
  ],
  [
    "a home elsewhere",
    String.raw`D:\lanyard`,
    inProfile,
    String.raw`%LOCALAPPDATA%\Programs\Microsoft VS Code\Code.exe`,
  ],
  [
    "a profile of another",
    String.raw`D:\lanyard`,
    String.raw`C:\Users\Müller\x\n.exe`,
    String.raw`%USERPROFILE%\x\n.exe`,
  ],
  [
    "an umlaut of its own",
    String.raw`D:\lanyard`,
    String.raw`E:\Übung\Code.exe`,
    String.raw`E:\Übung\Code.exe`,
  ],
])("Node at %s", (_what, home, nodePath, place) => {
  expect(nodeForBatch({ home, nodePath, variables })).toBe(place);
});
