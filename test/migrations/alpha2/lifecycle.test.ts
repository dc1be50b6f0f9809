import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Aws } from "../../../lib/cli/aws.ts";
import { reportOf } from "../../../lib/cli/verbs/report.ts";
import { createConsole } from "../../../lib/console/app.ts";
import { findRun, readPreflight } from "../../../lib/data/runs.ts";
import { partsOf } from "../../../lib/define/several.ts";
import { lookOf } from "../../../lib/evidence/pinned.ts";
import { decideMappings } from "../../../lib/review/mappings/decisions.ts";
import { mappingLines, referenceFor } from "../../../lib/review/mappings/lines.ts";
import { mappingOverview } from "../../../lib/review/mappings/overview.ts";
import { ask } from "../../../lib/review/sign-off/ask.ts";
import { readFacts } from "../../../lib/sources/files/read-file.ts";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { rollback } from "../../../lib/stages/rollback.ts";
import { alpha2 } from "../../../migrations/alpha2/definition.ts";
import { twins } from "../../../scripts/school/courses.ts";
import { schoolOf, small } from "../../../scripts/school/generate.ts";
import { courseId, submissionId, unitId } from "../../../scripts/school/school.ts";
import { standing, takenBack } from "../../lifecycle/whole-life.ts";
import { inFull } from "../../support/every-step.ts";
import { judgeAll, refusal, reviewedRun, toTheEnd } from "../../support/steps.ts";
import { fillIn } from "./filled.ts";
import { bundleOf, otherwise, type SchoolServices, schoolServices } from "./world.ts";

const run = "7f3a0000-0000-4000-8000-00000000a201";
const dry = "7f3a0000-0000-4000-8000-00000000a202";
const again = "7f3a0000-0000-4000-8000-00000000a203";
const blind = "7f3a0000-0000-4000-8000-00000000a205";
const blindDry = "7f3a0000-0000-4000-8000-00000000a209";
const placeless = "7f3a0000-0000-4000-8000-00000000a206";
const tableless = "7f3a0000-0000-4000-8000-00000000a207";
const filledDry = "7f3a0000-0000-4000-8000-00000000a20a";
const filled = "7f3a0000-0000-4000-8000-00000000a20b";
const third = "7f3a0000-0000-4000-8000-00000000a204";
const school = schoolOf(small);
const tables = [
  "legacy_user_map",
  "courses",
  "course_memberships",
  "units",
  "unit_sections",
  "course_modules",
  "module_section_releases",
  "unit_materials",
  "unit_tasks",
  "learning_submissions",
];

let test: SchoolServices;
const rowsOf = async () => {
  const rows: Record<string, { readonly row: string }[]> = {};
  for (const table of tables)
    rows[table] = await test.query(`select to_jsonb(t)::text as row from ${table} t order by 1`);
  return rows;
};
let before: Awaited<ReturnType<typeof rowsOf>>;
let written: Awaited<ReturnType<typeof rowsOf>>;

beforeAll(async () => {
  test = await schoolServices(school);
  before = await rowsOf();
  // A dry run makes no copy, and looks for none.
  const never = () => Promise.reject(new Error("A dry run has nothing to do there."));
  const copies = { put: never, look: never, get: never, remove: never };
  await reviewedRun({ ...test, services: { ...test.services, copies } }, dry, {
    trial: { whole: true },
  });
  expect(await test.query("select 1 from wavegate.file_copies")).toEqual([]);
  expect(await rowsOf()).toEqual(before);
  await reviewedRun(test, run, { wavePlan: [25, 125, 625] });
  // What is behind preflight knows nothing of a connection: where files lie is pinned with the run.
  delete test.legacy.ALPHA2_DB_FILES;
  await toTheEnd(test, run);
  test.legacy.ALPHA2_DB_FILES = test.files;
  written = await rowsOf();
});
afterAll(async () => test?.close());

const entities = partsOf(alpha2).flatMap(({ part }) => (part === "part" ? [] : [part ?? ""]));

describe("a school, from its dump", () => {
  it.each(entities)(
    "A3 A5 A7 A8 of each kind of dirt in %s becomes what the table says",
    async (entity) => {
      expect(await otherwise(test, school, entity, run)).toEqual([]);
    },
  );

  it("A4 times, criteria, places and who released something are as the legacy system had them", async () => {
    expect(
      await test.query(
        `select title, position from unit_sections where unit_id = $1 order by position`,
        [unitId(1)],
      ),
    ).toEqual([
      { title: "Section 9004", position: 1 },
      // Of three in one place the one that was made first.
      { title: "Ohne Titel", position: 2 },
      { title: "Section 9005", position: 3 },
      { title: "Section 11", position: 4 },
      { title: "Section 12", position: 5 },
      { title: "Section 13", position: 6 },
    ]);
    expect(
      await test.query(
        `select right(id::text, 4) as no, criteria from unit_tasks where id::text like '%900_' order by 1`,
      ),
    ).toEqual([
      { no: "9001", criteria: ["a", "b, c"] },
      { no: "9002", criteria: ["tone: kind"] },
      { no: "9003", criteria: ["just a text"] },
      { no: "9004", criteria: Array.from({ length: 10 }, (_, n) => `Criterion ${n + 1}`) },
      { no: "9005", criteria: [] },
      { no: "9007", criteria: [] },
    ]);
    expect(
      await test.query(
        `select r.visible, r.released_at is null as undated, r.released_by = c.teacher_id as by_owner, count(*)::int as rows
           from module_section_releases r join course_modules m on m.id = r.course_module_id join courses c on c.id = m.course_id
          group by 1, 2, 3 order by 1`,
      ),
    ).toMatchObject([
      { visible: false, undated: true, by_owner: true, rows: 3 },
      { visible: true, undated: false, by_owner: true },
    ]);
    expect(
      await test.query(`select distinct created_at::date::text as day from course_memberships`),
    ).toEqual([{ day: "2025-03-02" }]);
  });

  it("A5 a row of a file stands beside bytes that are what it says, and no other row names one", async () => {
    const rows = await test.query<{ key: string; sha256: string; size: number }>(
      `select storage_key as key, sha256, size_bytes as size from unit_materials where kind = 'file'
        union all select storage_key, sha256, size_bytes from learning_submissions where kind <> 'text'`,
    );
    for (const { key, sha256, size } of rows) {
      const facts = await readFacts(await test.services.copies.get(key, null));
      expect(facts).toMatchObject({ sha256, size });
    }
    expect(rows.length).toBeGreaterThan(15);
    const copied = await test.query(
      "select state, count(*)::int as rows from wavegate.file_copies group by 1",
    );
    expect(copied).toEqual([{ state: "copied", rows: rows.length }]);
  });

  it("A7 the audit has a line for each row, with the id that it has on the platform", async () => {
    const said = await test.query(
      `select entity, target_id from wavegate.import_audit_mappings where run_id = $1 and status = 'ok'`,
      [run],
    );
    const ids: Record<string, string> = {
      legacy_user: "select legacy_id::text as id from legacy_user_map",
      legacy_course: "select id::text from courses",
      legacy_course_membership:
        "select course_id || ':' || student_id as id from course_memberships",
      legacy_unit: "select id::text from units",
      legacy_unit_section: "select id::text from unit_sections",
      legacy_course_module: "select id::text from course_modules",
      legacy_section_release:
        "select course_module_id || ':' || section_id as id from module_section_releases",
      legacy_material: "select id::text from unit_materials",
      legacy_task: "select id::text from unit_tasks",
      legacy_submission: "select id::text from learning_submissions",
    };
    for (const [entity, query] of Object.entries(ids)) {
      const there = (await test.query<{ id: string }>(query)).map(({ id }) => id).sort();
      const told = said
        .filter((row) => row.entity === entity)
        .map(({ target_id }) => target_id)
        .sort();
      expect({ entity, told }).toEqual({ entity, told: there });
    }
    const reasons = await test.query(
      `select entity, status, reason from wavegate.import_audit_mappings
        where run_id = $1 and reason in ('blob_missing', 'ambiguous_course', 'duplicate_sub', 'constraint_violation')
        group by 1, 2, 3 order by 1`,
      [run],
    );
    expect(reasons).toEqual([
      { entity: "legacy_material", status: "ok", reason: "blob_missing" },
      { entity: "legacy_submission", status: "skip", reason: "ambiguous_course" },
      { entity: "legacy_task", status: "error", reason: "constraint_violation" },
      { entity: "legacy_user", status: "conflict", reason: "duplicate_sub" },
    ]);
  });

  it("A11 the dry run told the same audit before, and wrote nothing", async () => {
    expect(await auditOf(dry)).toEqual(await auditOf(run));
    // Each says of the platform what was looked at of it.
    const saysOfPlatform = async (id: string) => {
      const { checks } = await readPreflight(test.operator, { id });
      return checks?.find((check) => check.id === "platform")?.says;
    };
    expect(await saysOfPlatform(dry)).toBe(
      "wavegate sees every row of the tables; what the platform does by itself around them a run's preflight looks at.",
    );
    expect(await saysOfPlatform(run)).toBe(
      "What the platform does by itself around the tables is known, and wavegate sees all of it.",
    );
  });

  it("A6 A10 the run is verified; run again nothing is written, and what was ok is a skip", async () => {
    const { checks } = await finalVerify(test.services, run);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    const after = await rowsOf();
    // Read in smaller pieces it is the same.
    await reviewedRun(test, again, { wavePlan: [25, 125, 625], settings: { batch_size: "40" } });
    const [pieces, whole] = await Promise.all(
      [again, run].map((of) =>
        test.query<{ ranges: number; most: number; rows: number }>(
          `select count(*)::int as ranges, max(rows_read)::int as most, sum(rows_staged)::int as rows
             from wavegate.import_ranges where run_id = $1 and source_table = 'submission'`,
          [of],
        ),
      ),
    );
    expect(pieces).toEqual([{ ranges: 3, most: 40, rows: whole?.[0]?.rows }]);
    expect(whole).toMatchObject([{ ranges: 1 }]);
    await toTheEnd(test, again);
    expect(await rowsOf()).toEqual(after);
    const before = new Map((await auditOf(run)).map((line) => [keyOf(line), line]));
    const wrong = (await auditOf(again)).filter((line) => {
      const was = before.get(keyOf(line));
      return was?.status === "ok"
        ? line.status !== "skip" || line.target_id !== was.target_id
        : line.status !== was?.status;
    });
    expect(wrong).toEqual([]);
  });

  it("A7 its report is a table by entity, what was counted, and the KPI checks, as it stands on the platform", async () => {
    const db = test.services.stage;
    const { exit, text, json } = await reportOf({ db } as Aws, await findRun(db, run));
    expect(exit).toBe(1);
    expect(text.at(-1)).toBe("3 conflicts: exit code 1.");
    const [table] = await test.query<{ links: number; placeholders: number; skipped: number }>(
      `select (select count(*) from wavegate.alpha2_submission where run_id = $1 and import_state = 'skipped')::int as skipped,
              (select count(*) from legacy_user_map where sub like 'legacy:%')::int as placeholders,
              (select count(*) from unit_materials where kind <> 'file' and id in (
                 select target_id::uuid from wavegate.import_audit_mappings
                  where run_id = $1 and entity = 'legacy_material' and reason is not null))::int as links`,
      [run],
    );
    const counted = Object.fromEntries(json.counts.map(({ id, rows }) => [id, rows]));
    expect({
      links: counted.materials_as_links,
      placeholders: counted.placeholders_left,
      skipped: counted.submissions_skipped,
    }).toEqual(table);
    for (const { says, rows } of json.counts)
      expect(text.some((line) => line.startsWith(says) && line.endsWith(` ${rows}`))).toBe(true);
    const ok = Object.fromEntries(json.entities.map(({ name, counts }) => [name, counts.ok]));
    expect([ok.legacy_user, ok.legacy_material, ok.legacy_submission]).toEqual(
      ["legacy_user_map", "unit_materials", "learning_submissions"].map(
        (name) => (written[name]?.length ?? 0) - (before[name]?.length ?? 0),
      ),
    );
    expect(json.figures.length).toBeGreaterThan(9);
    expect(
      text.filter((line) => /^✓ At most 0 rows of .+ There are 0\.$/u.test(line)),
    ).toHaveLength(json.figures.length);
  });

  it("A3 R17 all is taken back to the letter, and the copies with it", async () => {
    expect(await takenBack(test, run)).toEqual([]);
    expect(await rowsOf()).toEqual(before);
    expect(await test.query("select distinct state from wavegate.file_copies")).toEqual([
      { state: "removed" },
    ]);
    expect(await objects()).toEqual([]);
  });

  inFull(
    "A11 A6 A7 of a platform that another hand filled in part a dry run tells the audit that the run has",
    async () => {
      await fillIn(test, written);
      const stood = await rowsOf();
      await reviewedRun(test, filledDry, { trial: { whole: true } });
      expect(await rowsOf()).toEqual(stood);
      await reviewedRun(test, filled, { wavePlan: [25, 125, 625] });
      await toTheEnd(test, filled);
      expect(await auditOf(filledDry)).toEqual(await auditOf(filled));
      await finalVerify(test.services, filled);
      expect(await takenBack(test, filled)).toEqual([]);
      expect(await rowsOf()).toEqual(stood);
      await test.query(`truncate ${tables.join(", ")} cascade`);
      for (const [table, rows] of Object.entries(before))
        for (const { row } of rows)
          await test.query(
            `insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`,
            [row],
          );
    },
    120_000,
  );

  it("A7 R8 which course an ambiguous submission means a person says, as of any mapping: it is ready then", async () => {
    await reviewedRun(test, third, { wavePlan: [25, 125, 625] });
    // A11 Of a run that is no dry run, what is not written yet is not told as if it were.
    const told = await auditOf(third);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(({ status }) => status === "ok")).toEqual([]);
    const { sign } = test.services;
    const found = await findRun(sign, third);
    const [first, second] = [...school.kinds].flatMap(([key, kind]) =>
      key.startsWith("submission ") && kind === "in_two_courses" ? [key.split(" ")[1] ?? ""] : [],
    );
    const [one, other] = [twins.first, twins.second].map(
      (n) => `${courseId(n)}:${unitId(twins.unit)}`,
    );
    const candidates = `${one} (Twin 9011); ${other} (Twin 9012)`;
    const asked = () =>
      test.query(
        "select legacy_id as id, candidates, target, status, decided_by as by from wavegate.alpha2_submission_course_choices where run_id = $1 order by 1",
        [third],
      );
    const open = { candidates, target: null, status: "needs_review", by: null };
    expect(await asked()).toEqual([
      { id: first, ...open },
      { id: second, ...open },
    ]);
    const look = await lookOf(sign, found);
    const { uses } = referenceFor(found, look, "course");
    expect(await mappingLines(sign, found, uses, { which: "open", limit: 9 })).toMatchObject([
      { id: first, legacy: candidates, candidates: { [`${one}`]: "Twin 9011" }, rows: 1 },
      { id: second, status: "needs_review", rows: 1 },
    ]);
    // Each row names its own: no count is kept of them.
    expect(
      await test.query(
        "select count(*)::int as kept from wavegate.kept_counts where run_id = $1 and about = 'mapping'",
        [third],
      ),
    ).toEqual([{ kept: 0 }]);
    expect((await mappingOverview(sign, found)).map(({ name, open }) => [name, open])).toEqual([
      ["course", 2],
    ]);
    const say = (id: string | undefined, target: string | null, person = "approver") =>
      decideMappings(sign, found, "course", [{ id: id ?? "", confirm: true, target }], person);
    expect(await refusal(say(first, null))).toBe("NothingSuggested");
    expect(await refusal(say(first, `${courseId(1)}:${unitId(1)}`))).toBe("UnknownTarget");
    expect(await refusal(say(first, courseId(twins.second)))).toBe("UnknownTarget");
    expect(await refusal(say(submissionId(1), `${one}`))).toBe("UnknownMapping");
    expect(await refusal(say(first, `${other}`, "nobody"))).toBe("PermissionDenied");
    expect(await asked()).toMatchObject([open, open]);
    const planned = () =>
      test.query(
        "select import_state as state, planned_reason as why, course_is as is from wavegate.alpha2_submission where run_id = $1 and legacy_id in ($2, $3) order by legacy_id",
        [third, first, second],
      );
    const held = { state: "held", why: "ambiguous_course", is: "several" };
    expect(await planned()).toEqual([held, held]);

    // On its page, with those that could be meant to choose from.
    const pages = createConsole({ services: test.services, key: Buffer.alloc(32, 7) });
    const path = `/admin/legacy-imports/runs/${found.reference}/mappings/course`;
    const from = (method: string) => ({
      http: { method },
      authorizer: { jwt: { claims: { "cognito:username": "approver" } } },
    });
    const { body } = await pages({
      ...{ rawPath: path, rawQueryString: "", headers: {}, requestContext: from("GET") },
    });
    expect(body).toContain(`<option value="${other}">Twin 9012 (${other})</option>`);
    const [, csrf = ""] = /class="say".*?name="csrf" value="([^"]+)"/su.exec(body) ?? [];
    const answer = await pages({
      rawPath: path,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
      },
      requestContext: from("POST"),
      body: new URLSearchParams({
        csrf,
        say: "other",
        id: `${first}`,
        target: `${other}`,
      }).toString(),
    });
    expect(answer.statusCode).toBe(303);
    await decideMappings(sign, found, "course", [{ id: second ?? "", reject: true }], "approver");
    // What was judged rests on it: nothing is signed or written before it is judged anew.
    expect(await refusal(ask(test.services, { run: third, gate: "first_wave" }))).toBe(
      "DryRunMissing",
    );
    // Of one that stands in one course alone somebody said another one, which no more shows it.
    const lone = submissionId(1);
    const ofLone = () =>
      test.query(
        "select course_is as is from wavegate.alpha2_submission where run_id = $1 and legacy_id = $2",
        [third, lone],
      );
    expect(await ofLone()).toEqual([{ is: "there" }]);
    await test.query(
      `insert into wavegate.alpha2_submission_course_choices (run_id, legacy_id, candidates, keys, target, status, decided_by)
       values ($1, $2, '', '{}', $3, 'confirmed', 'approver')`,
      [third, lone, other],
    );
    await judgeAll(test, third);
    expect(await planned()).toEqual([{ state: "pending", why: null, is: "there" }, held]);
    expect(await ofLone()).toEqual([{ is: "several" }]);
    await test.query(
      "delete from wavegate.alpha2_submission_course_choices where run_id = $1 and legacy_id = $2",
      [third, lone],
    );
    await judgeAll(test, third);
    const said = [
      { id: first, candidates, target: other, status: "confirmed", by: "approver" },
      { id: second, candidates, target: null, status: "rejected", by: "approver" },
    ];
    expect(await asked()).toEqual(said);
  });

  it("A5 a file that is no longer what was reviewed is held, and whatever lies in its place stays", async () => {
    const [changed, gone, taken] = await test.query<{ id: string; blob: string; key: string }>(
      `select legacy_id as id, blob, blob_key as key from wavegate.alpha2_submission
        where run_id = $1 and planned_action = 'file' order by id limit 3`,
      [third],
    );
    await writeFile(join(test.files, changed?.blob ?? ""), "%PDF-1.4 something else");
    await rm(join(test.files, gone?.blob ?? ""));
    const other = Buffer.from("of somebody else");
    const digest = createHash("sha256").update(other).digest("hex");
    await test.services.copies.put(taken?.key ?? "", Readable.from(other), {
      ...{ size: other.length, type: "text/plain", sha256: digest, owner: "somebody" },
    });
    const put = async () => {
      throw Object.assign(new Error("full"), { name: "InternalError" });
    };
    const full = { ...test.services, copies: { ...test.services.copies, put } };
    await expect(toTheEnd({ ...test, services: full }, third)).rejects.toMatchObject({
      name: "CopyFailed",
    });
    const states = (from: string, to: string) =>
      test.query(
        "update wavegate.file_copies set state = $1 where state = $2 and run_id = $3 returning 1",
        [to, from, third],
      );
    expect(await states("intended", "removing")).not.toEqual([]);
    const { reference } = await findRun(test.services.stage, third);
    await expect(toTheEnd(test, third)).rejects.toMatchObject({
      name: "CopiesBeingRemoved",
      message: expect.stringContaining(`\`wavegate resume --run ${reference}\``),
    });
    await states("removing", "removed");
    await toTheEnd(test, third);
    const rows = await standing(test, '"alpha2_submission"', third);
    const whyOf = (id = "") => rows.find(({ no }) => no === id)?.why;
    expect([changed, gone, taken].map((row) => whyOf(row?.id))).toEqual([
      "blob_changed_since_review",
      "blob_changed_since_review",
      "file_there_differs",
    ]);
    // Beside them what a person chose: in that course, and no other.
    expect(
      await test.query(
        `select l.course_id::text as course from learning_submissions l join wavegate.alpha2_submission s
            on l.idempotency_key = 'legacy:' || s.legacy_id
          where s.run_id = $1 and s.legacy_id in (select legacy_id from wavegate.alpha2_submission_course_choices where run_id = $1)`,
        [third],
      ),
    ).toEqual([{ course: courseId(twins.second) }]);
    await finalVerify(test.services, third);
    const bundle = await bundleOf(test, third);
    expect(await bundle.text("mappings-courses.csv")).toMatch(
      /Twin 9011.*confirmed,approver\r?\n.*rejected,approver\r?\n$/su,
    );
    expect(bundle.wrong).toEqual([]);
    await rollback(test.services, third);
    expect(await rowsOf()).toEqual(before);
    expect(await objects()).toEqual([taken?.key]);
  });

  it("A9 A11 a role that row-level security keeps from seeing everything ends the run, and its audit stays", async () => {
    await test.query("alter table courses enable row level security");
    await expect(reviewedRun(test, blind)).rejects.toMatchObject({
      name: "PreflightFailed",
      message: expect.stringContaining("policy_denied: Row-level security hides rows of courses"),
    });
    expect(await auditOf(blind)).toMatchObject([
      { entity: "phase", legacy_id: "preflight", status: "error", reason: "policy_denied" },
    ]);
    expect(
      await test.query(
        "select ended_at_utc is not null as ended, notes like '%policy_denied%' as says from wavegate.import_audit_runs where id = $1",
        [blind],
      ),
    ).toEqual([{ ended: true, says: true }]);
    // A dry run tells the same, and not what it would be if nothing were there (A11).
    await expect(
      reviewedRun(test, blindDry, { trial: { whole: true }, acknowledge: {} }),
    ).rejects.toMatchObject({ name: "PreflightFailed" });
    expect(await auditOf(blindDry)).toEqual(await auditOf(blind));
    await test.query("alter table courses disable row level security");
    expect(await rowsOf()).toEqual(before);
  });

  it("A1 W13 a dump without a table stops the run in one line before anything is staged", async () => {
    for (const table of ["unit_section", "auth.users", "submission"]) {
      const [schema, name] = table.includes(".") ? table.split(".") : ["public", table];
      await test.legacyQuery(`alter table ${table} rename to away`);
      await expect(reviewedRun(test, tableless)).rejects.toMatchObject({
        name: "PreflightFailed",
        message: expect.stringMatching(new RegExp(`^[^\\n]*${name}[^\\n]*$`, "u")),
      });
      await test.legacyQuery(`alter table ${schema}.away rename to ${name}`);
    }
    expect(
      await test.query("select count(*)::int as n from wavegate.alpha2_part where run_id = $1", [
        tableless,
      ]),
    ).toEqual([{ n: 0 }]);
  });

  it("A1 W13 a run of which nothing says where its files lie stops before anything is staged, and is begun anew", async () => {
    delete test.legacy.ALPHA2_DB_FILES;
    const begun = () => reviewedRun(test, "7f3a0000-0000-4000-8000-00000000a208");
    const nothing = {
      name: "PreflightFailed",
      message: expect.stringMatching(
        /set ALPHA2_DB_FILES=\/path\/to\/files, and start a run anew\. Nothing was read\./u,
      ),
    };
    await expect(begun()).rejects.toMatchObject(nothing);
    test.legacy.ALPHA2_DB_FILES = test.files;
    await expect(begun()).rejects.toMatchObject(nothing);
    expect(
      await test.query(
        "select settings from wavegate.legacy_import_runs where id in ($1, $2) order by id",
        [run, "7f3a0000-0000-4000-8000-00000000a208"],
      ),
    ).toEqual([{ settings: { storage: test.files } }, { settings: {} }]);
  });

  it("A1 W13 a place of files that is not there stops the run before anything is staged", async () => {
    await expect(
      reviewedRun(test, placeless, { settings: { storage: join(test.files, "nowhere") } }),
    ).rejects.toMatchObject({
      name: "PreflightFailed",
      message: expect.stringMatching(/nowhere cannot be read \(ENOENT\)\. Nothing was written/u),
    });
  });
});

/** What an audit says of a run, but for the run and times. */
const auditOf = (of: string) =>
  test.query<{
    entity: string;
    legacy_id: string;
    target_id: string;
    status: string;
    reason: string;
  }>(
    `select entity, legacy_id, target_table, target_id, status, reason
       from wavegate.import_audit_mappings where run_id = $1 order by 1, 2, 4, 5, 6`,
    [of],
  );
const keyOf = ({ entity, legacy_id }: { entity: string; legacy_id: string }) =>
  `${entity} ${legacy_id}`;

/** The keys of everything in the platform's bucket. */
async function objects(): Promise<string[]> {
  const found = await test.query<{ key: string }>(
    "select object_key as key from wavegate.file_copies",
  );
  const keys: string[] = [];
  for (const key of [...new Set(found.map(({ key }) => key))].sort())
    if ((await test.services.copies.look(key)) !== undefined) keys.push(key);
  return keys;
}
