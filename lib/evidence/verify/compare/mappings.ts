import * as z from "zod";
import { allChoices } from "../../../compile/references/choices.ts";
import type { CodedReference } from "../../../define/definition.ts";
import { cellText } from "../../csv.ts";
import { MANIFEST, type Manifest, manifestBytes, parseManifest, sha256 } from "../../manifest.ts";
import { mappingFile, mappingFiles } from "../../mapping-files.ts";
import type { Row } from "../row.ts";
import { Findings, moment } from "../say.ts";
import { type Evidence, entriesOf } from "./evidence.ts";

/** As a cell has it: digits, also of what is beyond a number's reach; of a text nothing that a spreadsheet would run. */
const id = z.union([z.number().transform(String), z.string().transform(cellText)]);

const Decisions = z.looseObject({
  table: z.string(),
  decisions: z.array(
    z.looseObject({
      id,
      confirm: z.literal(true).optional(),
      reject: z.literal(true).optional(),
      // Of one that was carried: what it is, whose, and where it was made.
      rejected: z.literal(true).optional(),
      by: z.string().optional(),
      run: z.string().optional(),
      target: id.nullable().optional(),
    }),
  ),
});

/** The file of a reference's mappings that the bundle has. */
const fileOf = ({ lists }: Evidence, name: string): string =>
  mappingFiles(name).find((file) => lists.mappings[file] !== undefined) ?? mappingFile(name);

/** Which legacy thing stands for which of the platform: against the decisions of the log. */
export function mappings(evidence: Evidence): string[] {
  const { facts, lists } = evidence;
  const found = new Findings();
  chosen(evidence, found);
  carried(evidence, found);
  for (const [name, reference] of Object.entries(facts.definition.references)) {
    const { staging } = reference;
    const file = fileOf(evidence, name);
    const rows = lists.mappings[file];
    if (rows === undefined) {
      found.all.push(`${file} is not in the bundle`);
      continue;
    }
    const decided = decisionsOf(evidence, staging.table);
    for (const row of rows) {
      const id = row[staging.id] ?? "";
      const target = row[staging.target] ?? "";
      const last = decided.findLast((each) => each.id === id);
      const what = `${name} ${id}`;
      found.unless(
        (last?.by ?? "") === row.decided_by,
        `the log has another person than ${file} for ${what}`,
      );
      const mapped = ["mapped", "confirmed"].includes(row.status ?? "");
      const none = ["unmapped", "rejected"].includes(row.status ?? "");
      const placeholder = reference.kind === "by_code" && isPlaceholder(reference, row);
      found.unless(!mapped || target !== "", `${what} is ${row.status} to nothing`);
      found.unless(!none || target === "", `${what} is ${row.status} and has a target`);
      found.unless(!mapped || !placeholder, `${what} is a placeholder and ${row.status}`);
      if (last === undefined) continue;
      found.same(`the state of ${what}`, last.status, "the log", row.status, file);
      const to =
        last.target === undefined || last.target === null || String(last.target) === target;
      found.unless(to, `${what} goes to another target in the log`);
    }
    const ids = new Set(rows.map((row) => row[staging.id] ?? ""));
    found.unless(ids.size === rows.length, `${file} has an id twice`);
    const strange = decided.find(({ id }) => !ids.has(id));
    found.unless(
      strange === undefined,
      `the log decides about ${name} ${strange?.id}, which ${file} has not`,
    );
  }
  return found.all;
}

/** Which of several rows is meant, as people said: against the log, and among those that could be. */
function chosen(evidence: Evidence, found: Findings): void {
  const { facts, lists } = evidence;
  for (const { as, table } of allChoices(facts.definition)) {
    const file = fileOf(evidence, as);
    const rows = lists.mappings[file];
    if (rows === undefined) {
      found.all.push(`${file} is not in the bundle`);
      continue;
    }
    const decided = decisionsOf(evidence, table);
    for (const { legacy_id: id = "", candidates = "", target = "", status = "", ...row } of rows) {
      const last = decided.findLast((each) => each.id === id);
      const what = `${as} of ${id}`;
      found.unless(
        (last?.by ?? "") === row.decided_by,
        `the log has another person than ${file} for ${what}`,
      );
      found.same(`the state of ${what}`, last?.status ?? "needs_review", "the log", status, file);
      found.unless(
        (status === "confirmed") === (target !== "") &&
          [target, target.replace(/^'/u, "")].some((key) => candidates.includes(key)),
        `${what} is ${status} and means “${target}”`,
      );
      const to = typeof last?.target === "string" ? last.target : target;
      found.unless(to === target, `${what} goes to another target in the log`);
    }
    const ids = new Set(rows.map((row) => row.legacy_id ?? ""));
    found.unless(ids.size === rows.length, `${file} has an id twice`);
    const strange = decided.find(({ id }) => !ids.has(id));
    found.unless(
      strange === undefined,
      `the log decides about ${as} of ${strange?.id}, which ${file} has not`,
    );
  }
}

/** By the column that says what it is; bundles of before definitions named it have one that ends so. */
function isPlaceholder({ staging, types }: CodedReference, row: Row): boolean {
  const column = staging.type ?? Object.keys(row).find((name) => name.endsWith("_type")) ?? "type";
  return (row[column] ?? "").startsWith(types?.placeholder ?? "placeholder");
}

/** What people decided in the run, and in earlier ones from which it was carried into this one. */
function decisionsOf(evidence: Evidence, table: string) {
  const entries = entriesOf(evidence, "mappings-decided", "mappings-carried");
  return entries.flatMap(({ action, actor, details }) => {
    const parsed = Decisions.safeParse(details);
    if (!parsed.success || parsed.data.table !== table) return [];
    return parsed.data.decisions.map(({ id, reject, rejected, target, by }) => ({
      id,
      by: action === "mappings-carried" ? by : actor,
      status: reject || rejected ? "rejected" : "confirmed",
      target,
    }));
  });
}

/** Decisions are carried by the engine, in the name of whoever made each, and into a run that is not judged yet. */
function carried(evidence: Evidence, found: Findings): void {
  for (const { seq, actor, details } of entriesOf(evidence, "mappings-carried")) {
    const parsed = Decisions.safeParse(details);
    found.unless(
      actor === "wavegate",
      `entry ${seq} of the log carries decisions about mappings for somebody`,
    );
    found.unless(
      parsed.success &&
        parsed.data.decisions.every(({ by, run }) => by && run && by !== "wavegate"),
      `entry ${seq} of the log carries decisions about mappings of nobody, or from no run`,
    );
    found.unless(
      !entriesOf(evidence, "mappings-decided", "dry-run").some((each) => each.seq < seq),
      `entry ${seq} of the log carries decisions about mappings into a run that was judged`,
    );
  }
}

/**
 * What was reviewed is what is here: the manifest of the newest review export is the one that was
 * signed, and its rows and mappings are those of the bundle.
 */
export function reviewed(evidence: Evidence): string[] {
  const { facts, lists, manifest } = evidence;
  const found = new Findings();
  const { review_exports: exports, pinned_to: run } = facts.summary;
  for (const { digest, manifest: kept, manifest_digest } of exports) {
    const parsed = parseManifest(Buffer.from(JSON.stringify(kept ?? null)));
    if ("because" in parsed) {
      found.all.push(`a review export has no ${MANIFEST}`);
      continue;
    }
    const { manifest: shown } = parsed;
    found.unless(
      sha256(manifestBytes(shown)) === manifest_digest,
      "a review export's manifest is not the one of its digest",
    );
    found.same("the run of a review export", shown.run, "its manifest", run.run, "summary.json");
    found.same("its dry run", shown.dry_run_digest, "its manifest", digest, "summary.json");
    found.same(
      "its rules",
      shown.definition_digest,
      "its manifest",
      run.definition_digest,
      "summary.json",
    );
  }
  const newest = exports.at(-1);
  // What was decided since is not in it.
  const since = entriesOf(evidence, "mappings-decided").some(
    ({ at }) => moment(at) > moment(newest?.created_at),
  );
  if (newest === undefined || (since && facts.waves.length === 0)) return found.all;
  const parsed = parseManifest(Buffer.from(JSON.stringify(newest.manifest ?? null)));
  if ("because" in parsed) return found.all;
  const of = (from: Manifest, name: string) => from.files.find((file) => file.name === name);
  const rows = of(parsed.manifest, "rows.csv.gz");
  found.unless(
    // What was erased since cannot be those rows any more: the bundles of before show them (B13).
    facts.summary.erased !== undefined ||
      rows?.content === undefined ||
      rows.content === lists.rows.reviewed(),
    "the rows are not the ones of the review export",
  );
  const names = [
    ...Object.keys(facts.definition.references),
    ...allChoices(facts.definition).map(({ as }) => as),
  ].map(mappingFiles);
  for (const { name, sha256: digest } of parsed.manifest.files) {
    if (!name.startsWith("mappings-") || since) continue;
    const here = names.find((all) => all.includes(name)) ?? [name];
    found.unless(
      here.some((file) => of(manifest, file)?.sha256 === digest),
      `${name} is not the one of the review export`,
    );
  }
  for (const { id, parts, status } of facts.signOffs) {
    const known = exports.some(({ manifest_digest }) => manifest_digest === parts.export);
    found.unless(
      known || status === "voided",
      `sign-off ${id} is about a review export that is not in the bundle`,
    );
  }
  return found.all;
}
