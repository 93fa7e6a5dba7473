import * as z from "zod";
import { approvalView, auditView, statsView, type ApprovalView } from "../../demo/admin/schema.ts";
import type { World } from "./harness.ts";

export type AuditLine = z.infer<typeof auditView>;

/** The demo company's administrators, by their JSON. */
export class Admin {
  readonly #url: string;

  constructor({ demo }: Pick<World, "demo">) {
    this.#url = demo.admin;
  }

  /** Where everyone's phone shows. */
  get phone(): string {
    return `${this.#url}/phone`;
  }

  async setPolicy(connector: string, policy: Readonly<Record<string, string>>): Promise<void> {
    await this.#ask(`/api/policies/${connector}`, { method: "PUT", body: JSON.stringify(policy) });
  }

  async approvals(): Promise<readonly ApprovalView[]> {
    return z.array(approvalView).parse(await this.#ask("/api/approvals"));
  }

  /** Decides the push that waits for this connector. */
  async decide(connector: string, decision: "approve" | "reject"): Promise<void> {
    const push = (await this.approvals()).find((each) => each.connector === connector);
    if (push === undefined) throw new Error(`No push waits for ${connector}.`);
    await this.#ask(`/api/approvals/${push.id}/${decision}`, { method: "POST" });
  }

  /** What was answered for this connector, oldest first. */
  async audit(connector: string): Promise<readonly AuditLine[]> {
    const all = z.array(auditView).parse(await this.#ask("/api/audit"));
    return all.filter((line) => line.connector === connector);
  }

  async exchanges(): Promise<number> {
    return statsView.parse(await this.#ask("/api/stats")).exchanges;
  }

  async #ask(path: string, init: RequestInit = {}): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, init);
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`);
    return response.json();
  }
}
