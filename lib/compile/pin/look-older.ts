import type { PinnedMapping } from "../shown/export.ts";
import { type OlderPin, referencesOfExport } from "../shown/references.ts";
import type { LookMask, PinnedField, PinnedLook, PinnedRows } from "./look.ts";

/**
 * What can be asked about a run whose pin is older than this part, and whose definition this program does not
 * understand: its rows and mappings, without the rules. What is not known to be no personal data is hidden.
 */
export const lookWithoutRules = ({ entities, mappings }: OlderPins): PinnedLook => ({
  format: 1,
  title: "",
  parts: entities.map((entity) => rowsWithoutRules(mappings, entity)),
});

interface OlderPins {
  readonly entities: readonly OlderPin[];
  readonly mappings: readonly PinnedMapping[];
}

function rowsWithoutRules(mappings: readonly PinnedMapping[], entity: OlderPin): PinnedRows {
  const { staging, exported } = entity;
  const known = new Map(exported.reviewed.map((column) => [column.from, column]));
  const main = (shown: string): PinnedField | undefined => {
    const column = exported.reviewed.find((each) => each.shown === shown)?.from;
    return column === undefined ? undefined : { value: column, raw: column };
  };
  const columns = staging.columns.map(([name]) => name);
  const references = referencesOfExport(mappings, entity);
  const mains = {
    name: main("initials"),
    phone: main("phone"),
    email: main("email"),
    birth_date: main("year"),
  };
  return {
    sources: exported.sources,
    rows: staging.rows,
    textIds: known.get("legacy_id")?.shown === "word",
    masks: columns.flatMap((name): (readonly [string, LookMask])[] => {
      const column = known.get(name);
      if (column === undefined) return engineColumns.has(name) ? [] : [[name, "hidden"]];
      if (column.shown === "changes") return [];
      return column.shown === "plain" || column.shown === "word" || column.shown === "words"
        ? []
        : [[name, column.shown]];
    }),
    unreadable: [],
    nameParts: [],
    nameKey: null,
    main: Object.fromEntries(Object.entries(mains).filter(([, field]) => field !== undefined)),
    further: [],
    decisions: ["classification", "import_action"].filter((name) => columns.includes(name)),
    rules: [],
    references,
    weights: [],
    samples: [],
    focus: {},
    reasons: {},
    part: entity.name ?? null,
    fields: [],
    classifications: [],
    common: {},
  };
}

/** Columns of every staged row that say nothing about a person. */
const engineColumns = new Set([
  ...["run_id", "findings", "duplicate_evidence", "high_hits", "link_table", "link_id"],
  ...["source_duplicate_evidence", "later_of_person", "moved_before", "import_state"],
  ...["state_reason", "state_detail", "wave", "another_person", "proposals", "raw_payload"],
]);
