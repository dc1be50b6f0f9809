import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { inject } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { askAbout, closeQuestion } from "../../lib/review/samples/questions.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { override } from "../../lib/review/sign-off/override.ts";
import type { Gate } from "../../lib/review/sign-off-store.ts";
import { drill } from "../../lib/stages/drill.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import {
  agedServices,
  preparedServices,
  sampleFolder,
  type TestServices,
} from "../support/services.ts";
import { importAll, judgeAll, runWave } from "../support/steps.ts";

export const run = "7f3a1c00-0000-4000-8000-000000000001";

/** Of the sample's people, which are kept: enough of every kind, few enough to be verified often. */
const kept = { stagiaires: 8, archives: 8 } as const;

/** Services over a small part of the sample, and a folder for bundles. */
export interface SmallWorld {
  readonly test: TestServices;
  readonly home: string;
  /** Exports the run's audit bundle and fetches it. */
  bundle(name: string): Promise<{ folder: string; manifestDigest: string }>;
  close(): Promise<void>;
}

export async function smallWorld(
  options: Parameters<typeof agedServices>[0] = {},
): Promise<SmallWorld> {
  const test = await agedServices(options);
  const home = await mkdtemp(join(tmpdir(), "wavegate-small-"));
  test.legacy.LEGACY_DB_PATH = await smallSource(join(home, "legacy"));
  return worldIn(home, test);
}

/** A small world whose run is reviewed, which is made once in a test run, then copied. */
export async function reviewedWorld(
  options: Parameters<typeof agedServices>[0] = {},
): Promise<SmallWorld> {
  const legacy = join(inject("templates"), "small-reviewed-legacy/");
  const test = await preparedServices(
    "small_reviewed",
    async (draft) => {
      draft.legacy.LEGACY_DB_PATH = await smallSource(legacy);
      await importAll(draft, run);
      await judgeAll(draft, run);
    },
    options,
  );
  test.legacy.LEGACY_DB_PATH = legacy;
  return worldIn(await mkdtemp(join(tmpdir(), "wavegate-small-")), test);
}

/** A small world behind its whole run, which is made once in a test run, then copied. */
export async function wholeWorld(): Promise<SmallWorld> {
  const legacy = join(inject("templates"), "small-legacy/");
  const mails = join(inject("templates"), "small-mails.json");
  const test = await preparedServices(
    "whole_run",
    async (draft) => {
      draft.legacy.LEGACY_DB_PATH = await smallSource(legacy);
      await wholeRun(draft);
      await writeFile(mails, JSON.stringify(draft.mails));
    },
    {},
  );
  test.legacy.LEGACY_DB_PATH = legacy;
  test.mails.push(...JSON.parse(await readFile(mails, "utf8")));
  return worldIn(await mkdtemp(join(tmpdir(), "wavegate-small-")), test);
}

const worldIn = (home: string, test: TestServices): SmallWorld => ({
  test,
  home,
  bundle: async (name) => {
    const { prefix, manifestDigest } = await auditExport(test.services, run);
    const folder = join(home, name);
    await pullBundle(test.services.evidence, prefix, folder);
    return { folder, manifestDigest };
  },
  close: async () => {
    await test.close();
    await rm(home, { recursive: true, force: true });
  },
});

/** Writes a small part of the sample into a folder, and returns it. */
export async function smallSource(folder: string): Promise<string> {
  const whole = new URL("legacy/", sampleFolder).pathname;
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(whole)) {
    const rows: string[][] = parse(await readFile(join(whole, file)));
    const every = kept[file.replace(".csv", "") as keyof typeof kept] ?? 1;
    const some = rows.filter((_, index) => index === 0 || index % every === 1 % every);
    await writeFile(join(folder, file), stringify(some));
  }
  return folder.endsWith("/") ? folder : `${folder}/`;
}

/** A whole run in which every kind of decision was made: mappings, a rejection, an override, verdicts. */
export async function wholeRun(test: TestServices): Promise<void> {
  const { services } = test;
  await importAll(test, run);
  await judgeAll(test, run);
  const { id, courses } = await suggested(test);
  if (id !== undefined) {
    const decisions = [{ id, confirm: true as const, target: courses }];
    const found = await findRun(services.stage, run);
    await decideMappings(test.services.sign, found, "course", decisions, "approver");
  }
  await judgeAll(test, run);
  await questionsClosed(test);
  const refused = await ask(services, { run, gate: "first_wave" });
  if (refused.kind !== "asked") throw new Error("It was approved already.");
  const rejection = { decision: "reject", comment: "Once more, please." } as const;
  await decide(services, { ref: { id: refused.signOff }, person: "approver", ...rejection });
  for (;;) {
    const step = await nextWave(services, run);
    if (step.next === "done") break;
    if (step.next === "ask") await approveAgainstStops(test, step.gate);
    if (step.next === "drill") await drill(services, run);
    if (step.next === "wave") await runWave(test, run, step.wave);
  }
  await askAbout(services.sign, await findRun(services.sign, run), {
    row: await someRow(test),
    person: "second",
    says: "Is this one written to twice?",
  });
  await finalVerify(services, run);
}

const someRow = async (test: TestServices): Promise<number> =>
  (
    await test.query<{ id: number }>(
      "select min(id)::int as id from wavegate.legacy_student_imports where run_id = $1",
      [run],
    )
  )[0]?.id ?? 0;

/** One question is closed by another person, with a reason, and one by who asked. */
async function questionsClosed(test: TestServices): Promise<void> {
  const { services } = test;
  const found = await findRun(services.sign, run);
  const row = await someRow(test);
  const first = await askAbout(services.sign, found, {
    row,
    person: "second",
    says: "Why two schools?",
  });
  await closeQuestion(services.sign, found, {
    question: first,
    person: "approver",
    reason: "Both are one school.",
  });
  const own = await askAbout(services.sign, found, { row, person: "approver", says: "And this?" });
  await closeQuestion(services.sign, found, { question: own, person: "approver", reason: "" });
}

export async function suggested(test: TestServices): Promise<{ id?: number; courses: number }> {
  const [found] = await test.query<{ id: number; course: number }>(
    `select legacy_formation_id::int as id, course_id::int as course
       from wavegate.legacy_course_mappings
      where run_id = $1 and status = 'needs_review' and course_id is not null limit 1`,
    [run],
  );
  return found ? { id: found.id, courses: found.course } : { courses: 0 };
}

/** Approves a gate: one row is judged wrong, `second` overrides what holds, `approver` approves. */
async function approveAgainstStops(test: TestServices, gate: Gate): Promise<void> {
  const { services } = test;
  const asked = await ask(services, { run, gate });
  if (asked.kind !== "asked") return;
  const ref = { id: asked.signOff };
  const drawn = await test.query<{ id: number }>(
    `select distinct staged_id::int as id from wavegate.samples
      where run_id = $1 and verdict is null
        and digest = (select digest from wavegate.dry_runs where run_id = $1
                       order by created_at desc limit 1)
      order by 1`,
    [run],
  );
  const verdicts = drawn.map(({ id }, index) => ({
    stagedId: id,
    wrong: index === 0 ? (["phone"] as const) : [],
  }));
  await judgeSamples(services, { ref, person: "approver", verdicts });
  await override(services, { ref, person: "second", reason: "One phone of a trial." });
  const comment = "Looked at.";
  await decide(services, { ref, person: "approver", decision: "approve", comment });
}
