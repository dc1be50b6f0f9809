import type { Row } from "./row.ts";
import { Counts, Tallies } from "./tally.ts";

/** What reading `commit-log.csv.gz` once tells. */
export class LedgerFacts {
  records = 0;
  /** What nothing took back, as {@link RowFacts.standing} names it. */
  readonly standing = new Tallies();
  /** By wave and round, parted by a space. */
  readonly rounds = new Map<string, LedgerRound>();
  /** Entries that contradict themselves, in words, with how many. */
  readonly contradictions = new Counts();
  /** Entries that were taken back before they were written, and by how many milliseconds at most: a clock may have been set back. */
  readonly backwards = { entries: 0, by: 0 };
  #last = 0;

  round = (wave: number, round: number): LedgerRound =>
    this.rounds.get(`${wave} ${round}`) ?? new LedgerRound();

  note(entry: Row): void {
    this.records += 1;
    const { id = "", wave = "", action = "", target_table: table = "" } = entry;
    if (!(Number(id) > this.#last)) this.contradictions.add("does not stand in the order of ids");
    this.#last = Number(id);
    const key = `${Number(wave)} ${Number(entry.round)}`;
    const round = this.rounds.get(key) ?? new LedgerRound();
    this.rounds.set(key, round);
    round.note(entry);
    if (entry.rolled_back_at === "") {
      this.standing.add(`${wave} ${action} ${table}`, [
        entry.row ?? "",
        table,
        entry.target_id ?? "",
      ]);
    }
    for (const words of contradictions(entry)) this.contradictions.add(words);
    const by = Date.parse(entry.committed_at ?? "") - Date.parse(entry.rolled_back_at ?? "");
    if (!(by > 0)) return;
    this.backwards.entries += 1;
    this.backwards.by = Math.max(by, this.backwards.by);
  }
}

/** One wave as it was written one time. */
class LedgerRound {
  entries = 0;
  readonly actions = new Counts();
  /** Created rows by table. */
  readonly created = new Counts();
  /** Rows that were there and were changed, by table. */
  readonly updated = new Counts();
  /** Moments of writing and of taking back: one each, as a wave is one transaction. */
  readonly committedAt = new Set<string>();
  readonly rolledBackAt = new Set<string>();
  undone = 0;
  gone = 0;
  unlinked = 0;
  spared = 0;
  /** Rows and what they became, without ids: a drill writes the same twice. */
  readonly content = new Tallies();

  note(entry: Row): void {
    this.entries += 1;
    this.actions.add(entry.action ?? "");
    if (entry.action === "commit") this.created.add(entry.target_table ?? "");
    if (entry.action === "update") this.updated.add(entry.target_table ?? "");
    this.committedAt.add(entry.committed_at ?? "");
    this.content.add("rows", [entry.row ?? "", entry.action ?? "", entry.target_table ?? ""]);
    const conflict = (entry.conflict ?? "").split(" ");
    if (entry.rolled_back_at) {
      this.rolledBackAt.add(entry.rolled_back_at);
      this.undone += 1;
      if (entry.action === "link") this.unlinked += 1;
      if (conflict.includes("gone")) this.gone += 1;
    } else if (entry.conflict) this.spared += 1;
  }
}

function contradictions(entry: Row): string[] {
  const wrong: string[] = [];
  if (!["commit", "link", "update"].includes(entry.action ?? ""))
    wrong.push("is neither a commit, a change nor a link");
  if (!entry.target_table || !entry.target_id) wrong.push("names no target");
  if (Number.isNaN(Date.parse(entry.committed_at ?? "")))
    wrong.push("does not say when it was written");
  const conflict = entry.conflict ?? "";
  if (conflict !== "" && (conflict === "gone") !== (entry.rolled_back_at !== "")) {
    wrong.push("was spared and taken back at once");
  }
  if (entry.changed_columns && !/edited|refused/.test(conflict)) {
    wrong.push("changed without having been edited");
  }
  return wrong;
}
