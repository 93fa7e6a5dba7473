import * as vscode from "vscode";
import type { Board } from "../../core/connectors/board/board.ts";
import { reconnectCommand } from "../../core/connectors/reconnect.ts";
import type { Need } from "../../core/connectors/wording/attention.ts";
import type { Accounts } from "../identity/accounts.ts";
import type { Interactions } from "../interactions.ts";
import type { ReviewPanel } from "../review.ts";

export interface NeedAnswerers {
  readonly board: Pick<Board, "get">;
  readonly review: Pick<ReviewPanel, "show">;
  readonly accounts: Pick<Accounts, "signIn">;
  readonly interactions: Pick<Interactions, "attend">;
}

/** Does what a notification offered. */
export const answerNeed = async (
  { kind, connectorId, name }: Need,
  { board, review, accounts, interactions }: NeedAnswerers,
): Promise<void> => {
  switch (kind) {
    case "review":
      review.show();
      return;
    case "signIn":
      return accounts.signIn(board.get(connectorId)?.connector.userAuth);
    case "connect":
    case "stepUp":
    case "approveElsewhere":
      return interactions.attend(connectorId);
    case "reconnect":
      await vscode.env.clipboard.writeText(reconnectCommand(name));
  }
};
