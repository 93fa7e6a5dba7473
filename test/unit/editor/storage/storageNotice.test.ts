import { beforeEach, expect, test } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { BoundedSecrets } from "../../../../src/core/secrets/bounded.ts";
import { StorageNotice } from "../../../../src/editor/storage/storageNotice.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { fakeClock, memorySecrets } from "../../../support/ports.ts";
import { editor } from "../../../support/editor/vscode.ts";

beforeEach(() => editor.reset());

const start = (): { board: Board; secrets: ReturnType<typeof memorySecrets>; storage: BoundedSecrets } => {
  const [board, secrets] = [new Board(), memorySecrets()];
  const storage = new BoundedSecrets(secrets, fakeClock());
  new StorageNotice({ board, storage, onError: (error) => expect.unreachable(String(error)) });
  return { board, secrets, storage };
};

test("storage that works is not spoken of", async () => {
  const { storage } = start();
  await storage.get("key");
  expect(editor.messages).toEqual([]);
});

test("storage that refuses is told once, with what to do, however often it refuses", async () => {
  const { secrets, storage } = start();
  for (const refusal of [new Error("locked"), undefined, new Error("locked")]) {
    secrets.locked = refusal;
    await storage.get("key").catch(() => undefined);
  }
  expect(editor.messages).toHaveLength(1);
  expect(editor.messages[0]?.text).toMatch(/refuses.*Unlock the keyring/s);
});

test("storage that forgot a sign-in is told beside the row that says so", () => {
  const { board } = start();
  board.load(catalogueOf([connectorNamed("github")]), () => "approved");
  const evidence = { answeredBy: "idp", atMs: 0, traceId: "trace" };
  board.record(connectorNamed("github").id, { kind: "signedOut", cause: "expired" }, evidence);
  expect(editor.messages).toEqual([]);
  board.record(connectorNamed("github").id, { kind: "signedOut", cause: "storageLost" }, evidence);
  expect(editor.messages).toMatchObject([{ kind: "warning", buttons: ["Show Instructions"] }]);
});
