import { createHash } from "node:crypto";
import { linkColumns } from "../../compile/columns.ts";
import type { Migration } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { Figures } from "./figures.ts";
import { Lots } from "./lots.ts";
import { columnsOfPeople, masksOf } from "./masks.ts";
import { partOfRow, type Row } from "./row.ts";
import { Counts, Tallies } from "./tally.ts";

/** What the report of a review export counts by, and whether it tells several kinds of things apart. */
export interface ReviewedColumns {
  readonly columns: readonly string[];
  readonly several: boolean;
  /** The report, whose words the cells stand for. */
  readonly said?: unknown;
}

/** Fields that rows show, masked. */
const shownKinds = new Set(["name", "phone", "email", "birth_date"]);

/** What reading `rows.csv.gz` once tells. */
export class RowFacts {
  records = 0;
  /** Rows in which something is not masked as D20 has it. */
  unmasked = 0;
  /** Rows that show something, masked, of who it is. */
  identified = 0;
  readonly states = new Counts();
  /** By legacy table and state, parted by a space. */
  readonly statesOfTable = new Counts();
  /** Values of the columns that the definition's report counts. */
  readonly distributions: Readonly<Record<string, Counts>>;
  /** Those of them that rows of a bundle do not show. */
  readonly notShown = new Set<string>();
  readonly figures: Figures;
  /** Rows that the platform refused, by the name of what refused them. */
  readonly refused = new Counts();
  readonly plan = new Counts();
  readonly creates = new Counts();
  /** Rows that are there and would be changed, by action. */
  readonly updates = new Counts();
  /** Rows that are held as conflicts. */
  conflicts = 0;
  /** Of several kinds of things: by kind and state, parted by a space. */
  readonly statesOfPart = new Counts();
  /** Rows by which waves changed what was there, by legacy table. */
  readonly updatedOf = new Counts();
  readonly reasons = new Counts();
  /** What stands on the platform, by wave, action and table: compared with the commit log. */
  readonly standing = new Tallies();
  /** What each legacy row became, by legacy table, and what failed: compared with the report. */
  readonly became = new Tallies();
  readonly failed = new Tallies();
  /** Rows that contradict themselves, in words, with how many. */
  readonly contradictions = new Counts();
  /** The sampled rows. */
  readonly sampled = new Map<number, Row>();
  readonly lots: Lots;
  /** The hash of the cells that a review export has as well, as it wrote them. */
  readonly #reviewed = createHash("sha256");
  #last = 0;

  readonly #parts: readonly Migration[];
  readonly #several: boolean;
  /** By kind: the columns that are none of its own. */
  readonly #others = new Map<Migration, readonly string[]>();
  /** By kind: the columns in which others say what became of their rows, and it says nothing. */
  readonly #foreign = new Map<Migration, readonly string[]>();
  readonly #masks = new Map<Migration | undefined, ReturnType<typeof masksOf>>();
  /** Of several kinds of things: the rows of each. */
  readonly #ofPart = new Counts();
  #kind: string | undefined;
  readonly #wanted: ReadonlySet<number>;

  constructor(
    definition: WholeMigration | undefined,
    seed: string,
    wanted: ReadonlySet<number>,
    review?: ReviewedColumns,
  ) {
    this.#parts = definition ? partsOf(definition) : [];
    this.#several = review?.several ?? this.#parts.length > 1;
    this.#wanted = wanted;
    for (const part of this.#parts) {
      const own = new Set([...linkColumns(part), ...Object.keys(part.entity.fields)]);
      const all = this.#parts.flatMap(linkColumns);
      this.#foreign.set(
        part,
        all.filter((column) => !own.has(column)),
      );
    }
    this.lots = new Lots(this.#parts, seed);
    this.figures = new Figures(this.#parts);
    const counted =
      review?.columns ?? this.#parts.flatMap((part) => distributionsOf(part, this.#several));
    this.distributions = Object.fromEntries(counted.map((column) => [column, new Counts()]));
  }

  /** SHA-256 of the text that a review export of these rows would have. */
  reviewed = (): string => this.#reviewed.copy().digest("hex");

  heading(line: string): void {
    this.#reviewed.update(line);
  }

  note(written: Row, line: string): void {
    const row = this.#ofItsKind(written);
    this.records += 1;
    this.#reviewed.update(line);
    if (this.#masksOf(row).some(([column, mask]) => !mask.test(row[column] ?? "")))
      this.unmasked += 1;
    if (columnsOfPeople.some((column) => (row[column] ?? "") !== "")) this.identified += 1;
    const id = Number(row.id);
    if (this.#wanted.has(id)) this.sampled.set(id, row);
    // Each kind of things has ids of its own.
    if (row.entity === this.#kind && !(id > this.#last))
      this.contradictions.add("does not stand in the order of ids");
    this.#last = id;
    this.#kind = row.entity;
    this.#count(row);
    this.lots.note(row);
    if (row.import_state === undefined) return;
    this.#noteState(row, row.import_state);
  }

  #masksOf(row: Row): ReturnType<typeof masksOf> {
    const part = partOfRow(this.#parts, row);
    const known = this.#masks.get(part) ?? masksOf(part);
    this.#masks.set(part, known);
    return known;
  }

  /** A row without the columns of other kinds that are called as fields of its own, which rows do not show. */
  #ofItsKind(row: Row): Row {
    const part = partOfRow(this.#parts, row);
    if (part === undefined) return row;
    const others = this.#others.get(part) ?? this.#shownOfOthers(part);
    this.#others.set(part, others);
    if (others.length === 0) return row;
    return Object.fromEntries(Object.entries(row).filter(([column]) => !others.includes(column)));
  }

  #shownOfOthers({ part, entity }: Migration): readonly string[] {
    const hidden = Object.keys(entity.fields).filter(
      (name) => !shownKinds.has(entity.fields[name]?.kind ?? ""),
    );
    const shown = this.#parts
      .filter((other) => other.part !== part)
      .flatMap(({ entity: { decide, fields, refs = {} } }) => [
        ...Object.keys(decide),
        ...Object.keys(fields).filter((name) => shownKinds.has(fields[name]?.kind ?? "")),
        ...Object.keys(refs).map((name) => `${name}_is`),
      ]);
    return hidden.filter((name) => shown.includes(name));
  }

  #count(row: Row): void {
    const { entity } = row;
    const part = partOfRow(this.#parts, row);
    // Of one kind of things a report says no name, be it a list of one.
    const named = this.#several && entity !== undefined;
    const own = (name: string) => (named ? `${entity}.${name}` : name);
    for (const [id, counts] of Object.entries(this.distributions)) {
      const column = named ? id.slice(entity.length + 1) : id;
      if (own(column) !== id) continue;
      if (row[column] === undefined) this.notShown.add(id);
      else counts.add(row[column]);
    }
    if (entity !== undefined) this.#ofPart.add(entity);
    this.figures.note(row, part);
    if (row.planned) this.plan.add(row.planned);
    if (row.planned_action)
      (row.planned === "update" ? this.updates : this.creates).add(own(row.planned_action));
    if (row.planned_reason) this.reasons.add(row.planned_reason);
  }

  #noteState(row: Row, state: string): void {
    const { source_table: table = "", legacy_id: legacyId = "", id = "" } = row;
    this.states.add(state);
    if (state === "held" && row.planned === "conflict") this.conflicts += 1;
    if (row.entity !== undefined) this.statesOfPart.add(`${row.entity} ${state}`);
    // What the dry run found already was planned to be held, and no wave told of it.
    if (row.state_detail && row.planned !== "hold") this.refused.add(row.state_detail);
    this.statesOfTable.add(`${table} ${state}`);
    const target = [row.target_table ?? "", row.target_id ?? ""];
    if (state === "committed" || state === "linked") {
      const action = state === "linked" ? "link" : row.planned === "update" ? "update" : "commit";
      if (action === "update") this.updatedOf.add(table);
      this.standing.add(`${row.wave} ${action} ${target[0]}`, [id, ...target]);
      this.became.add(table, [legacyId, ...target, state]);
    }
    if (state === "failed") {
      const reason = row.state_reason || row.planned_reason || "failed";
      this.failed.add(table, [legacyId, reason]);
    }
    if (this.#parts.length === 0) return;
    const part = partOfRow(this.#parts, row);
    const wrong = part
      ? contradictions(part, row, state, this.#foreign.get(part) ?? [])
      : ["is of no entity of the definition"];
    for (const words of wrong) this.contradictions.add(words);
  }

  /** Whether a column that the report counts is not to be seen: without the definition, where rows have nothing in it. */
  isHidden = (id: string): boolean =>
    this.notShown.has(id) ||
    (this.#parts.length === 0 &&
      Object.keys(this.distributions[id]?.asRecord() ?? {}).every((value) => value === ""));

  /** How many rows there are of one kind of things. */
  recordsOf = ({ part }: Migration): number =>
    part === undefined ? this.records : this.#ofPart.of(part);
}

/** What a report calls the columns that it counts: of several kinds of things, with the kind's name. */
const distributionsOf = ({ part, report }: Migration, several: boolean): string[] =>
  report.distributions.map(({ column }) => (several ? `${part}.${column}` : column));

/** In words, what of one row contradicts another part of it. */
function contradictions(
  { entity }: Migration,
  row: Row,
  state: string,
  foreign: readonly string[],
): string[] {
  const written = state === "committed" || state === "linked";
  const wrong: string[] = [];
  if (foreign.some((column) => (row[column] ?? "") !== ""))
    wrong.push("has an imported id of another kind of things");
  if (!entity.from.includes(row.source_table ?? "")) wrong.push("is of no table of the source");
  if (written !== (row.wave !== "")) wrong.push(`is ${state} and of the wrong or no wave`);
  if (written !== (row.target_id !== "")) wrong.push(`is ${state} and has the wrong or no target`);
  if (written && row.target_id !== "" && !importedAs(entity, row, state)) {
    wrong.push("has another imported id than target");
  }
  const needs = { committed: ["commit", "update"], linked: ["link"] }[state];
  if (needs !== undefined && !needs.includes(row.planned ?? ""))
    wrong.push(`is ${state}, which was not planned`);
  if (state === "failed" && row.planned !== "fail") wrong.push("failed, which was not planned");
  wrong.push(...ofState(entity, row, state));
  const { planned, planned_action: action, planned_reason: reason = "" } = row;
  // Not planned yet: the run was cut off, or halted, before its dry run.
  if (planned === "") return wrong;
  const acts = planned === "commit" || planned === "update";
  if (acts !== (action !== "") && planned !== "link") wrong.push("is planned without saying how");
  const notes = entity.plan.flatMap((line) => ("commit" in line ? (line.note ?? []) : []));
  const said =
    acts && reason !== ""
      ? notes.includes(reason)
      : (acts || planned === "link") === (reason === "");
  if (!said) wrong.push("is planned without saying why");
  if (action && !Object.hasOwn(entity.actions, action))
    wrong.push("has an action that no rule knows");
  const intended = action ? entity.actions[action]?.into : undefined;
  if (state === "committed" && row.target_table !== intended) {
    wrong.push("was written to another table than its action writes to");
  }
  return wrong;
}

/** Why a row stands where it stands, and that nothing names a target for what was not written. */
function ofState(entity: Migration["entity"], row: Row, state: string): string[] {
  const { state_reason: why = "", planned_reason: reason = "", target_table: table = "" } = row;
  const wrong: string[] = [];
  const settled = ["held", "skipped", "failed"].includes(state);
  if (settled === (why === "")) wrong.push(`is ${state} and has the wrong or no reason`);
  if (row.state_detail && state !== "held") wrong.push("was refused and is not held");
  // What an earlier run moved may have been taken back, or deleted, since it was planned.
  const gone = state === "held" && reason === "moved_before" && why === "moved_and_gone";
  if (settled && reason !== "" && why !== reason && !gone)
    wrong.push("has another reason than was planned");
  const links = entity.match.against.map(({ linkedAs }) => linkedAs);
  const own = entity.actions[row.planned_action ?? ""]?.importedAs ?? "";
  const all = [...links, ...Object.values(entity.actions).map(({ importedAs }) => importedAs)];
  const may = { committed: [own, ...links], linked: links }[state] ?? [];
  const strange = all.some((column) => !may.includes(column) && (row[column] ?? "") !== "");
  if (strange) wrong.push("has an imported id that it cannot have");
  if (may.length === 0 && table !== "") wrong.push("has a target and was not written");
  return wrong;
}

/** Whether the column of links that belongs to the target holds the same id. */
function importedAs(entity: Migration["entity"], row: Row, state: string): boolean {
  if (state === "committed") {
    const action = entity.actions[row.planned_action ?? ""];
    return action === undefined || row[action.importedAs] === row.target_id;
  }
  const target = entity.match.against.find(({ table }) => table === row.target_table);
  return target !== undefined && row[target.linkedAs] === row.target_id;
}
