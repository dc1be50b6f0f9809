import { describe, expect, it } from "vitest";
import type { WholeMigration } from "../../lib/define/several.ts";
import type { AuditEntry } from "../../lib/evidence/audit-chain.ts";
import { incidentNote } from "../../lib/evidence/incident-note.ts";

const definition = (title: string, into: string) =>
  ({ title, entity: { actions: { one: { into } } } }) as unknown as WholeMigration;

/** The note of a run that somebody took back. */
function noteOf({ actor = "karima", title = "ECOIN", into = "crm_leads", backup = "b1" } = {}) {
  const entry = (seq: number, who: string, action: string, details: object) =>
    ({ seq, at: `2026-11-20T10:0${seq}:00.000Z`, actor: who, action, details }) as AuditEntry;
  const log = [
    entry(1, actor, "feature", { feature: into, percentage: 0 }),
    entry(2, actor, "rollback", { wave: 1, undone: 3, gone: 0, spared: 1 }),
    entry(3, "wavegate", "rolled-back", { to_wave: 1 }),
  ];
  return incidentNote({ reference: "ecoin-1", definition: definition(title, into), backup, log });
}

describe("C10 D20 the incident note", () => {
  it("says who took what back", () => {
    const note = noteOf() ?? "";
    expect(note).toContain("| Commander | karima |\n");
    expect(note).toContain("| Systems | ECOIN: crm_leads |\n");
    expect(note).toContain("| feature crm_leads turned to 0 % |\n");
  });

  it.each([
    ["another cell", "a | b", "a \\| b"],
    ["another line", "a\n# b\r\n- c", "a \\# b - c"],
    ["a line of another kind", "a\u2028b\u2029c\u0085d", "a b c\ufffdd"],
    ["an element", "<img src=x onerror=alert(1)>", "\\<img src=x onerror=alert(1)\\>"],
    ["a link", "[a](https://example.com)", "\\[a\\](https://example.com)"],
    ["code, or weight", "`a` **b** __c__", "\\`a\\` \\*\\*b\\*\\* \\_\\_c\\_\\_"],
    [
      "what a terminal obeys",
      "a\u001b]0;x\u0007\u009b2Jb\u202e",
      "a\ufffd\\]0;x\ufffd\ufffd2Jb\ufffd",
    ],
    ["what a backslash would free", "a \\| b", "a \\\\\\| b"],
  ])("D20 lets nothing that was typed be %s", (_what, typed, shown) => {
    const plain = (noteOf() ?? "").split("\n").length;
    for (const [where, cell] of [
      ["actor", `| Commander | ${shown} |\n`],
      ["backup", `| Backup named at the start | ${shown} |\n`],
      ["title", `| Systems | ${shown}: crm_leads |\n`],
    ] as const) {
      const note = noteOf({ [where]: typed }) ?? "";
      expect(note).toContain(cell);
      expect(note.split("\n")).toHaveLength(plain);
    }
    const named = noteOf({ into: typed }) ?? "";
    expect(named.split("\n")).toHaveLength(plain);
    expect(named).toContain(`ECOIN: ${shown} |`);
  });
});
