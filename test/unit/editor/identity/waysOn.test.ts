import { beforeEach, describe, expect, test } from "vitest";
import type { BrowserWait, DeviceCode } from "../../../../src/core/identity/session.ts";
import { SignInWait, type SignInWaiting } from "../../../../src/editor/identity/signInWait.ts";
import { chooseWayOn, goOn, progressOf } from "../../../../src/editor/identity/waysOn.ts";
import { boxes, editor, shownTexts } from "../../../support/editor/vscode.ts";

const page = "https://idp.example.com/authorize?client_id=lanyard&state=s";
const good = "http://127.0.0.1:7777/callback?code=c&state=s";

interface Browser extends BrowserWait {
  readonly pasted: string[];
  readonly codes: number[];
}

const browser = (): Browser => {
  const [pasted, codes]: [string[], number[]] = [[], []];
  return {
    ...{ url: page, pasted, codes },
    paste: (address) => {
      pasted.push(address);
      return address === good;
    },
    useCode: () => void codes.push(1),
  };
};

const code: DeviceCode = {
  userCode: "WDJB-MJHT",
  verificationUri: "https://idp.example.com/device",
  verificationUriComplete: "https://idp.example.com/device?user_code=WDJB-MJHT",
  expiresAtMs: 1_700_000_600_000,
};

interface Waiting {
  readonly wait: SignInWait;
  readonly cancelled: () => number;
}

const waitingFor = (waiting: SignInWaiting): Waiting => {
  const wait = new SignInWait();
  let cancels = 0;
  wait.begin("idp.example.com", () => (cancels += 1));
  wait.show(waiting);
  return { wait, cancelled: () => cancels };
};

const labels = async (waiting: SignInWaiting): Promise<readonly string[]> => {
  await chooseWayOn(waitingFor(waiting).wait);
  return editor.picks.at(-1)?.labels ?? [];
};

beforeEach(() => {
  editor.reset();
  boxes.length = 0;
  shownTexts.length = 0;
});

describe("the ways on from", () => {
  test.each<[string, SignInWaiting, readonly string[]]>([
    ["the start", { kind: "start" }, ["Cancel"]],
    ["another window's port", { kind: "port", port: 7777 }, ["Cancel"]],
    ["the keyring", { kind: "storage" }, ["Cancel"]],
    [
      "the browser",
      { kind: "browser", wait: browser() },
      ["Open Page Again", "Copy Link", "Use a Code", "Paste the Address…", "Cancel"],
    ],
    [
      "the browser, where there is no device flow",
      { kind: "browser", wait: { url: page, paste: () => false } },
      ["Open Page Again", "Copy Link", "Paste the Address…", "Cancel"],
    ],
    ["a code", { kind: "code", code }, ["Copy Code and Open Page", "Copy Link", "Cancel"]],
  ])("%s", async (_from, waiting, names) => {
    expect(await labels(waiting)).toEqual(names);
    expect(progressOf(waiting).links.map(({ label }) => label)).toEqual(names.slice(0, -1));
  });

  test("nothing are none", async () => {
    await chooseWayOn(new SignInWait());
    expect(editor.picks).toEqual([]);
  });
});

describe("a way", () => {
  test("opens the page again, exactly as it is", async () => {
    await goOn(waitingFor({ kind: "browser", wait: browser() }).wait, "openAgain");
    expect(editor.opened).toEqual([page]);
  });

  test("copies the link", async () => {
    await goOn(waitingFor({ kind: "browser", wait: browser() }).wait, "copyLink");
    expect([editor.clipboard, editor.opened]).toEqual([page, []]);
  });

  test("goes on by a code", async () => {
    const wait = browser();
    await goOn(waitingFor({ kind: "browser", wait }).wait, "useCode");
    expect(wait.codes).toHaveLength(1);
  });

  test("copies the code, and opens the page that has it filled in", async () => {
    await goOn(waitingFor({ kind: "code", code }).wait, "openAgain");
    expect([editor.clipboard, editor.opened]).toEqual([code.userCode, [code.verificationUriComplete]]);
  });

  test("cancels, wherever the sign-in is", async () => {
    const { wait, cancelled } = waitingFor({ kind: "start" });
    editor.pick = () => "Cancel";
    await chooseWayOn(wait);
    expect(cancelled()).toBe(1);
  });

  test.each([
    ["paste", { kind: "start" }],
    ["useCode", { kind: "code", code }],
    ["openAgain", { kind: "storage" }],
  ] as const)("%s that is not one from here does nothing", async (way, waiting) => {
    const { wait, cancelled } = waitingFor(waiting);
    await goOn(wait, way);
    expect([editor.opened, editor.clipboard, boxes, cancelled()]).toEqual([[], "", [], 0]);
  });

  test("does nothing once the sign-in is over", async () => {
    const wait = new SignInWait();
    let cancels = 0;
    const running = wait.begin("idp.example.com", () => (cancels += 1));
    wait.show({ kind: "browser", wait: browser() });
    running.dispose();
    for (const way of ["openAgain", "copyLink", "useCode", "paste", "cancel"] as const) await goOn(wait, way);
    expect([editor.opened, editor.clipboard, boxes, cancels]).toEqual([[], "", [], 0]);
  });
});

describe("an address that is pasted", () => {
  test("is hidden as it is typed; one of something else is refused, the right one ends the question", async () => {
    const wait = browser();
    const going = goOn(waitingFor({ kind: "browser", wait }).wait, "paste");
    const [box] = boxes;
    expect(box).toMatchObject({ password: true, ignoreFocusOut: true, isShown: true });
    box?.type("https://idp.example.com/error?error=access_denied");
    expect(box).toMatchObject({ isShown: true });
    expect(box?.validationMessage).toContain("This is not the end of this sign-in.");
    box?.type("  ");
    expect([box?.isShown, box?.validationMessage]).toEqual([true, undefined]);
    box?.type(good);
    await going;
    expect(box?.isShown).toBe(false);
    expect(wait.pasted.at(-1)).toBe(good);
    expect(shownTexts.join(" ")).not.toContain("code=c");
  });

  test("may be left out: closing the question goes on waiting", async () => {
    const wait = browser();
    const waiting = waitingFor({ kind: "browser", wait });
    const going = goOn(waiting.wait, "paste");
    boxes[0]?.hide();
    await going;
    expect([wait.pasted, waiting.cancelled(), waiting.wait.underWay?.waiting.kind]).toEqual([
      [],
      0,
      "browser",
    ]);
  });
});
