import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { width } from "../../lib/cli/width.ts";
import { changesAsked } from "./changes-asked.ts";
import { type Document, type SampleMachine, startSampleMachine } from "./sample-machine.ts";
import { type Ran, terminal } from "./terminal.ts";

const acknowledged = ["--backup", "B7", "--queues-detached", "--priority-acknowledged"];

let machine: SampleMachine;
let { folder, shell, starter, karima, json, sql } = {} as SampleMachine;
let run: string;

beforeAll(async () => {
  machine = await startSampleMachine();
  ({ folder, shell, starter, karima, json, sql } = machine);
});
afterAll(() => machine.close());

/** The run and the question that waits, as somebody names them who looked. */
const shown = async (): Promise<string[]> => {
  const { open } = await json("sign-off", "show", "--run", run);
  return ["--run", run, "--question", open.id];
};

/** How many executions told in the log that they do this. */
const begun = (what: string) =>
  sql(`select count(*)::int as n from wavegate.audit_log where details ->> 'what' = '${what}'`);

/** Watches until a line appears, then presses Ctrl-C. */
const watchFor = (line: string): Promise<Ran> => shell.interrupt(line, "watch", "--run", run);

describe("a migration from the terminal, over the one-machine runtime", {
  timeout: 180_000,
}, () => {
  it("R1 refuses to stage anything before backup, queues and priority are acknowledged", async () => {
    const { exit, out, err } = await shell.run("import", "ecoin");
    expect(exit).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("A backup of the platform's database has to be acknowledged with its id");
    expect(err).toContain("Nothing was staged.");
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(await sql("select count(*)::int as rows from wavegate.legacy_student_imports")).toEqual([
      { rows: 0 },
    ]);
  });

  it("R3 import prints the reference, the connection used, the counts, a sample and where to review", async () => {
    const { exit, out } = await shell.run("import", "ecoin", ...acknowledged);
    expect(exit).toBe(0);
    run = /^Run (ecoin-\d{8}-[0-9a-f]{4})$/m.exec(out)?.[1] ?? "";
    expect(run).not.toBe("");
    expect(out.split("\n").slice(1, 10)).toEqual([
      "Legacy connection used: legacy",
      "",
      "formations      25",
      "session_ecoins  240",
      "stagiaires      2,200",
      "archives        800",
      "staged rows     3,000",
      "",
      "Formations, for example: “Secrétariat Bureautique”, “INFOGRAPHIE / PAO”, “Comptabilite  générale”, “Gestion des stocks”, “De\u0301veloppement Web”",
    ]);
    expect(out).toContain(`Review the course mapping: wavegate mappings courses --run ${run}`);
    expect(await sql("select count(*)::int as rows from legacy_completed_trainings")).toEqual([
      { rows: 0 },
    ]);
  });

  it("R5 runs validate, classify, match and dry-run on their own, and says what is missing before", async () => {
    const early = await shell.run("dry-run", "--run", run);
    expect(early.exit).toBe(1);
    expect(early.err).toContain(`Run \`wavegate match --run ${run}\` first.`);

    expect(await json("validate", "--run", run)).toMatchObject({
      exit: 0,
      validation_status: { failed: 12 },
      issues: { name_missing: 12 },
    });
    expect(await json("classify", "--run", run)).toMatchObject({
      exit: 0,
      classification: { completed: 1186, archived_training: 739, lead_only: 631 },
    });
    expect((await json("match", "--run", run)).duplicate_confidence.high).toBe(181);
  });

  it("R6 R7 dry-run prints the eight counts, the plan and the five stop conditions", async () => {
    const { exit, out } = await shell.run("dry-run", "--run", run);
    expect(exit).toBe(0);
    expect(
      out
        .split("\n")
        .slice(3, 11)
        .map((line) => line.replace(/ {2,}/, ": ")),
    ).toEqual([
      "Completed history: 1,186",
      "Archived training: 739",
      "Registered pending: 347",
      "Lead only: 631",
      "Duplicates: 281",
      "Placeholder sessions: 514",
      "Unmapped courses: 70",
      "Unknown or needs review: 237",
    ]);
    expect(out).toContain("“Formé”                 23  “Formée”");
    expect(out).toContain("A sampled row was judged wrong.");
    expect(out).toContain("Nothing stops a sign-off.");
    const { report } = await json("dry-run", "--run", run);
    expect(report.stops).toHaveLength(5);
  });

  it("suggests the run that was meant", async () => {
    const { exit, err } = await shell.run("validate", "--run", `${run}x`);
    expect(exit).toBe(2);
    expect(err).toContain(`Did you mean “${run}”?`);
  });

  it("R8 lists courses by what depends on them, keeps a person's decision, and refuses what cannot be", async () => {
    const before = await json("mappings", "courses", "--run", run);
    expect(before.mappings.map(({ id }: Document) => id)).toEqual([19, 20, 23, 22, 21, 24, 25]);
    // Of nothing that is suggested there is no likeness.
    const { out } = await shell.run("mappings", "courses", "--run", run);
    expect(out).toMatch(/^24 .* – /mu);
    expect(out).not.toContain("0.00");

    // What is suggested may be something else by now: it is named.
    const unseen = await shell.run("mappings", "courses", "--run", run, "--confirm", "19");
    expect([unseen.exit, unseen.err]).toEqual([
      2,
      expect.stringContaining(
        "--confirm takes a legacy id as in 12=3, not “19”. Nothing was written.",
      ),
    ]);
    const strange = await shell.run("mappings", "courses", "--run", run, "--confirm", "19=999");
    expect(strange.exit).toBe(1);
    expect(strange.err).toBe("wavegate: The platform has no courses 999. Nothing was written.\n");
    const waiting = await shell.run("mappings", "sessions", "--run", run, "--confirm", "235=1");
    expect(waiting.exit).toBe(1);
    expect(waiting.err).toContain("is a waiting list, and that is never a cohort");

    const decided = ["--confirm", `19=${before.mappings[0].target}`, "--reject", "22"];
    const after = await json("mappings", "courses", "--run", run, ...decided);
    expect(after.mappings.map(({ id }: Document) => id)).toEqual([20, 23, 21, 24, 25]);
    // What somebody else decided is not undone by who does not say that they saw it.
    await sql(
      "update wavegate.legacy_course_mappings set decided_by = 'karima' where legacy_formation_id = 22",
    );
    const other = (...more: string[]) =>
      shell.run("mappings", "courses", "--run", run, "--reject", "22", ...more);
    for (const more of [[], ["--instead-of", "lina"]]) {
      const { exit, err } = await other(...more);
      expect([exit, err]).toEqual([
        1,
        expect.stringContaining("formations 22 was rejected by karima. Nothing was written; look"),
      ]);
      expect(err).toContain("--instead-of karima");
    }
    expect((await other("--instead-of", "karima")).exit).toBe(0);
    for (const verb of ["classify", "match", "dry-run"]) {
      expect((await shell.run(verb, "--run", run)).exit).toBe(0);
    }
  });

  it("B12 try judges a slice up to its dry run without acknowledgements, tells of it as a trial, and forgets it", async () => {
    const { exit, out } = await shell.run("try", "ecoin", "--rows", "200");
    expect(exit).toBe(0);
    expect(out).toContain("Nothing was written to the platform.");
    expect(out).toContain("stop condition");
    expect(out.trimEnd().split("\n").at(-1)).toBe(
      "This was a trial of a part of the source: nobody signs it and nothing of it is written. `wavegate try ecoin --forget` takes it away.",
    );
    const trial = /^Run (ecoin-\d{8}-[0-9a-f]{4}),/m.exec(out)?.[1] ?? "";
    const { runs } = await json("runs");
    expect(runs.find(({ reference }: Document) => reference === trial)).toMatchObject({
      stage: "dry-run",
      trial: { rows: 200 },
    });
    expect((await shell.run("runs")).out).toMatch(new RegExp(`${trial}  trial, at rest  dry-run`));
    expect(await json("status", "--run", trial)).toMatchObject({
      waits_for: null,
      next_command: "wavegate try ecoin --forget",
    });
    expect((await shell.run("try", "ecoin", "--run", trial)).exit).toBe(2);
    const forgotten = await json("try", "ecoin", "--forget");
    expect(forgotten.forgotten).toHaveLength(1);
    expect(forgotten.forgotten[0].run).toBe(trial);
    expect(forgotten.forgotten[0].rows).toBeGreaterThan(150);
    const left = (await json("runs")).runs.map(({ reference }: Document) => reference);
    expect(left).toContain(run);
    expect(left).not.toContain(trial);
    expect((await shell.run("try", "ecoin", "--forget")).out).toBe(
      "There is no trial of ecoin. Nothing was changed.\n",
    );
    const kept = await shell.run("try", "ecoin", "--forget", "--run", run);
    expect([kept.exit, kept.err]).toEqual([
      1,
      `wavegate: ${run} is no trial, and only a trial is forgotten. Nothing was changed.\n`,
    ]);
  });

  it("B12 A2 a dry run of the whole source ends as one where the definition has no audit, goes on by no command, and is forgotten", async () => {
    const told = await json("start", "ecoin", "--dry-run");
    expect(told).toMatchObject({ exit: 0, dry_run: true });
    expect(told.report.entities).toBeUndefined();
    for (const again of [
      ["resume", "--run", told.run],
      ["start", "ecoin", "--resume", told.run],
    ])
      expect(await json(...again)).toMatchObject({
        exit: 1,
        error: { name: "RunIsTrial", message: expect.stringContaining("it is over, and nothing") },
      });
    const { forgotten } = await json("try", "ecoin", "--forget");
    expect(forgotten.map(({ rows }: Document) => rows)).toEqual([3_000]);
  });

  it("R10 fetches the review export, which an offline check confirms", async () => {
    const made = await json("export", "review", "--run", run, "--to", "review");
    expect(made.exit).toBe(0);
    expect(made.objects.map(({ key }: Document) => key.split("/").at(-1)).sort()).toEqual([
      "manifest.json",
      "mappings-courses.csv",
      "mappings-sessions.csv",
      "rows.csv.gz",
      "signature.json",
      "summary.json",
    ]);
    const whole = await shell.run("audit", "verify", "review", "--digest", made.manifest);
    expect(whole.exit).toBe(0);
    expect(whole.out).toContain("PASS  masking: No name, phone, e-mail or birth date is shown.");
    await appendFile(join(folder, "review/summary.json"), " ");
    const touched = await shell.run("audit", "verify", "review");
    expect(touched.exit).toBe(1);
    expect(touched.out).toContain("FAIL  files:");
  });

  it("R18 status says first what comes next, and calls nothing failed that cannot be told yet", async () => {
    const { out } = await shell.run("status");
    expect(out.split("\n").slice(0, 2)).toEqual([
      "Nothing runs. Its next step asks for the sign-off and then goes on.",
      expect.stringMatching(`^The next step: \`wavegate resume --run ${run} --seen [1-9]\\d*\`$`),
    ]);
    expect(out).toMatch(/^Status +at rest$/m);
    expect(out.slice(out.indexOf("Go or no-go"))).toBe(
      [
        "Go or no-go: not ready to scale up yet",
        "  ✓ The legacy connection is verified.",
        "  · A person reviewed the dry run.",
        "  · The sample of completed history is approved.",
        "  · The mappings are the ones that were reviewed.",
        "  · The first safe batch passed its verification.",
        "  · The rollback drill passed.",
        "  · The commit logs agree with the platform.",
        "  · No unexpected change of users, enrolments, payments or attendances.",
        "  (· cannot be told yet)",
        "",
      ].join("\n"),
    );
    expect((await shell.run("runs")).out).toMatch(new RegExp(`^${run}  at rest `, "m"));
  });

  it("tables of every command fit 80 columns", async () => {
    for (const argv of [
      ["runs"],
      ["status"],
      ["balance"],
      ["held"],
      ["people", "list"],
      ["mappings", "courses", "--all"],
      ["mappings", "sessions", "--all"],
      ["samples", "list"],
    ]) {
      const { exit, out } = await shell.run(...argv);
      expect([argv, exit]).toEqual([argv, 0]);
      const rows = out.split("\n").filter((line) => /^\S*.* {2}/u.test(line));
      expect([argv, rows.filter((line) => width(line) > 80)]).toEqual([argv, []]);
    }
  });

  it("W13 --run may be left out to look, never to change", async () => {
    for (const argv of [
      ["mappings", "courses", "--confirm", "19"],
      ["sign-off", "approve"],
      ["sign-off", "override", "--reason", "x"],
      ["pause"],
      ["verify"],
      ["export"],
    ]) {
      const { exit, err } = await shell.run(...argv);
      expect([argv, exit]).toEqual([argv, 2]);
      expect(err).toContain("--run");
    }
  });

  it("W13 refuses a folder that is not empty before an export is made", async () => {
    const made = async () => (await sql("select count(*)::int as n from wavegate.audit_log"))[0].n;
    const before = await made();
    const { exit, err } = await shell.run("export", "audit", "--run", run, "--to", "review");
    expect(exit).toBe(1);
    expect(err).toContain("is not empty. Nothing was written; name a new or an empty folder.");
    expect(await made()).toBe(before);
  });

  it("R10 commits nothing before a person has decided", async () => {
    const { exit, err } = await shell.run("commit", "--run", run, "--batch", "25");
    expect(exit).toBe(1);
    expect(err).toContain("Nobody has signed off the first wave yet. Nothing was written;");
    const none = await karima.run("sign-off", "approve", "--run", run, "--output", "json");
    expect(none).toMatchObject({ exit: 1, out: expect.stringContaining('"NothingToDecide"') });
  });

  it("W8 W12 asks about the first gate, and anew where changes were asked for, and mails its link to everybody but the starter", async () => {
    expect(await json("sign-off", "ask", "--run", run)).toMatchObject({ gate: "first_wave" });
    await changesAsked(machine, run, "first_wave");
    expect(await json("sign-off", "ask", "--run", run)).toMatchObject({ gate: "first_wave" });
    const mail = await json("mail", "show");
    expect(mail).toMatchObject({ to: ["k@example.com"], links: [expect.any(String)] });
    expect((await json("sign-off", "show", "--run", run)).open.gate).toBe("first_wave");
    expect(await shell.run("status", "--run", run)).toMatchObject({ exit: 0, err: "" });
  });

  it("W7 W8 approves and overrides what was looked at alone, and never whatever waits by then", async () => {
    const open = async () => (await json("sign-off", "show", "--run", run)).open;
    const before = await open();
    for (const argv of [["approve"], ["override", "--reason", "x"]]) {
      const unseen = await karima.run("sign-off", ...argv, "--run", run);
      expect([argv, unseen.exit]).toEqual([argv, 2]);
      expect(unseen.err).toContain("Another question may have come since you looked");
      expect(unseen.err).toContain("Nothing was decided; first_wave waits.");
    }
    for (const strange of [before.id.slice(0, 7), "00000000", "%", `${before.id}0`]) {
      const none = await karima.run("sign-off", "approve", "--run", run, "--question", strange);
      expect([strange, none.exit]).toEqual([strange, 1]);
      expect(none.err).toContain("was asked no question of that id. Nothing was decided;");
    }
    const text = (await shell.run("sign-off", "show", "--run", run)).out;
    expect(text).toContain(
      `wavegate sign-off approve --run ${run} --question ${before.id.slice(0, 8)}`,
    );
    expect(await open()).toEqual(before);
  });

  it("W8 lets neither the starter nor a wrong password decide, nor anybody before the samples are judged", async () => {
    const own = await starter.run("sign-off", "approve", ...(await shown()));
    expect(own.exit).toBe(1);
    expect(own.err).toMatch(
      /^wavegate: You started this run, so somebody else decides about it\. Nothing was changed\.\n$/,
    );

    const stranger = terminal({
      cwd: folder,
      env: { WAVEGATE_PERSON: "karima", WAVEGATE_PASSWORD: "guessed" },
    });
    const guessed = await stranger.run("sign-off", "approve", ...(await shown()));
    expect(guessed.exit).toBe(1);
    expect(guessed.err).toBe("wavegate: That name and password do not belong together.\n");

    const silent = await terminal({ cwd: folder, env: { WAVEGATE_PERSON: "karima" } }).run(
      ...["sign-off", "approve", ...(await shown()), "--output", "json"],
    );
    expect(silent.exit).toBe(2);
    expect(JSON.parse(silent.out)).toMatchObject({ error: { name: "PasswordMissing" } });
    expect(silent.err).toContain("A decision takes karima's own password. Nothing was decided;");

    for (const link of ["https://wavegate.example/", "/sign-off/cut-off", "/sign-off/by-id/7"]) {
      const cut = await karima.run("sign-off", "approve", "--link", link, "--output", "json");
      expect([link, cut.exit]).toEqual([link, 2]);
      expect(JSON.parse(cut.out)).toMatchObject({ error: { name: "LinkUnreadable" } });
    }

    const early = await karima.run("sign-off", "approve", ...(await shown()));
    expect(early.exit).toBe(1);
    expect(early.err).toMatch(/\d\d sampled rows have no verdict yet. Nothing was decided/);
  });

  it("R9 lists the samples masked and keeps verdicts", async () => {
    const { rows, coverage } = await json("samples", "list", "--run", run);
    expect(coverage.map(({ drawn }: Document) => drawn)).toEqual([20, 20, 10, 10]);
    const names = rows.map(({ name }: Document) => name).filter((name: string | null) => name);
    expect(names.filter((name: string) => !/^(\p{L}\. ?){1,4}$/u.test(name))).toEqual([]);

    const judge = async (row: string) =>
      karima.run("samples", "judge", row, "right", ...(await shown()));
    const unseen = await karima.run("samples", "judge", "rest", "right", "--run", run);
    expect([unseen.exit, unseen.err]).toEqual([
      2,
      expect.stringContaining("say whose rows are right: --question ID"),
    ]);
    const listed = await karima.run("samples", "list", "--run", run);
    const [, , , question = ""] = await shown();
    expect(listed.out).toContain(`judge ROW right --run ${run} --question ${question.slice(0, 8)}`);
    const strange = await judge("999999");
    expect(strange.exit).toBe(1);
    expect(strange.err).toContain("Row 999999 is not in the sample.");
    const kept = await judge("rest");
    expect(kept.out).toBe(`Kept: ${rows.length} rows are right.\n`);
    expect((await judge("rest")).out).toMatch(/^Every row is judged already\. Whoever approves /u);
  });

  it("R11 commits no more than asked for after the approval, and shows the six checks", async () => {
    const looked = await shown();
    const approved = await karima.run("sign-off", "approve", ...looked, "--comment", "fine");
    expect(approved.exit).toBe(0);
    // W7: what was looked at is decided, whatever waits by then.
    const late = await karima.run("sign-off", "approve", ...looked);
    expect([late.exit, late.err]).toEqual([1, expect.stringContaining("karima approved this on")]);
    const greedy = await shell.run("commit", "--run", run, "--batch", "26");
    expect(greedy.exit).toBe(1);
    expect(greedy.err).toContain("takes at most 25 rows, and 26 were asked for");

    // Of two people at the same moment one execution comes, behind the two that were refused, and one wave, which both are shown.
    const asked = ["commit", "--run", run, "--batch", "20"];
    const both = await Promise.all([shell.run(...asked), karima.run(...asked)]);
    expect(both[1]).toEqual({ ...both[0], err: both[1].err, exit: 0 });
    expect(await begun("commit")).toEqual([{ n: 3 }]);
    const { out } = await karima.run("commit", "--run", run, "--wave", "1");
    expect(out).toContain("Written: 20 committed (legacy_completed_trainings 20)");
    expect(out.match(/^PASS {2}/gm)).toHaveLength(6);
    expect(out).not.toContain("FAIL");
    expect(await sql("select count(*)::int as rows from legacy_completed_trainings")).toEqual([
      { rows: 20 },
    ]);
  });

  it("R14 drills the first wave and shows the certificate", async () => {
    const [drill, again] = await Promise.all([1, 2].map(() => json("drill", "--run", run)));
    expect(again).toEqual({ ...drill, exit: 0, passed: true });
    expect(await begun("drill")).toEqual([{ n: 1 }]);
    expect(await sql("select count(*)::int as rows from legacy_completed_trainings")).toEqual([
      { rows: 20 },
    ]);
  });

  it("A2 goes on by itself to the next gate, and past it, watched step by step", async () => {
    // What somebody else told it since is not undone unseen.
    const [, seen = ""] = (await json("status", "--run", run)).next_command.split(" --seen ");
    expect((await karima.run("pause", "--run", run)).exit).toBe(0);
    expect((await json("resume", "--run", run, "--seen", seen)).error.name).toBe("RunMovedOn");
    // By the words of A2; a run of another migration is none of this one's.
    const other = await shell.run("start", "wild-apricot", "--resume", run);
    expect([other.exit, other.err]).toEqual([
      2,
      expect.stringContaining(`${run} is a run of ecoin, and not of wild-apricot.`),
    ]);
    // What it was begun with it goes on with.
    const smaller = await shell.run("start", "ecoin", "--resume", run, "--batch-size", "7");
    expect([smaller.exit, smaller.err]).toEqual([
      2,
      expect.stringContaining(`${run} was begun with batch_size left unsaid`),
    ]);
    // Of two terminals at the same moment one execution comes.
    const both = await Promise.all([
      json("start", "ecoin", "--resume", run),
      json("resume", "--run", run),
    ]);
    expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(both.map(({ started }) => started).toSorted()).toEqual([false, true]);
    expect(await json("watch", "--run", run, "--until", "person")).toMatchObject({
      exit: 0,
      run,
      status: "waiting",
    });
    expect(
      await sql(
        "select gate from wavegate.sign_offs where status = 'pending' or gate = 'scale_up'",
      ),
    ).toEqual([{ gate: "scale_up" }]);
    // No execution loses what it works on.
    expect(await json("try", "ecoin", "--forget", "--run", run)).toMatchObject({
      exit: 1,
      error: { name: "RunUnderWay" },
    });

    // A script hears at once what the run waits for.
    expect(await json("watch")).toMatchObject({
      exit: 0,
      run,
      waits_for: "sign-off scale_up",
      next_command: `wavegate sign-off show --run ${run}`,
    });
    const late = await shell.run("watch", "--timeout", "1s");
    expect(late.exit).toBe(1);
    expect(late.out).toContain(`${run} is not over after 1 s; nothing was changed. It waits for a`);
    const standing = await shell.interrupt("Go or no-go", "status", "--watch");
    expect(standing.out.split("\n").slice(0, 3)).toEqual([
      "It waits for a sign-off (scale_up) by somebody else than its starter.",
      "It is asked because a person looks at the first wave and its drill before waves grow.",
      `The next step: \`wavegate sign-off show --run ${run}\``,
    ]);
    expect((await karima.run("sign-off", "approve", ...(await shown()))).exit).toBe(0);
    const { exit, out } = await watchFor("sign-off wave:3: pending");
    expect(exit).toBe(0);
    expect(out).toContain("sign-off scale_up: approved by karima");
    // A wave has one line, in its place; what decides about waves has none.
    expect(out).not.toMatch(/next-wave|run-wave/);
    expect(out).toMatch(
      /sign-off scale_up: approved by karima\n\d\d:\d\d:\d\d ✓ wave 2: verified, clean {2}100 committed \(legacy_completed_trainings 100\)\n\d\d:\d\d:\d\d ▸ sign-off wave:3: pending\n/,
    );
    expect(out).toContain(`You stopped watching; nothing else changed, ${run} goes on.`);
  });

  it("R18 shows the eight go/no-go items as they are", async () => {
    const { go_no_go, waves, balance } = await json("status", "--run", run);
    expect(go_no_go).toMatchObject({ ready: true });
    expect(go_no_go.items).toHaveLength(8);
    expect(waves).toMatchObject([
      { wave: 1, round: 2, clean: true },
      { wave: 2, round: 1, clean: true },
    ]);
    expect(balance.holds).toBe(true);
  });

  it("W6 accounts for every row", async () => {
    const counted = await json("balance", "--run", run);
    expect(counted).toMatchObject({
      exit: 0,
      staged: 3000,
      imported: 3000,
      committed: 120,
      failed: 12,
    });
  });

  it("explains a row rule by rule, without its name, phone or e-mail", async () => {
    const [staged] = await sql(
      "select id, source_table, legacy_id, full_name, phone_normalized from wavegate.legacy_student_imports where import_state = 'committed' and phone_normalized is not null limit 1",
    );
    const told = await shell.run("why", run, `${staged.source_table}:${staged.legacy_id}`);
    expect(told.exit).toBe(0);
    expect(told.out).toContain("▸ status is “Formée” → completed   [raw_status = Formée");
    expect(told.out).toMatch(
      /▸ A completed training, [^▸]*→\s+commit\s+\(create_legacy_completed_training\)/,
    );
    expect(told.out.split("\n").filter((line: string) => line.length > 80)).toEqual([]);
    expect(told.out).toContain("legacy_completed_trainings");
    expect(told.out).toMatch(/^▸ decided .*\n[1-9]\d* other rules do not hold; /mu);
    const whole = await shell.run("why", run, String(staged.id), "--all");
    const rules = ({ out }: Ran) => out.match(/→/gu)?.length ?? 0;
    expect(rules(whole)).toBeGreaterThan(rules(told) + 5);
    const { out } = await shell.run("why", run, String(staged.id), "--output", "json");
    expect(JSON.parse(out).reasons.filter(({ decides }: Document) => decides)).not.toEqual([]);
    for (const each of [staged.full_name, staged.phone_normalized])
      expect(told.out + out).not.toContain(each);
    const [, named = ""] = /as in (\w+:\d+) or/u.exec((await shell.run("why", run, "x")).err) ?? [];
    expect((await shell.run("why", run, named)).exit).toBe(0);
  });

  it("R17 rolls back, finds nothing to do the second time, and keeps an audit log that holds, and B11 W12 a bundle that its key signed", async () => {
    for (const look of [[], ["--preview"]])
      expect(await json("rollback", "--run", run, "--wave", "9", ...look)).toMatchObject({
        exit: 1,
        error: { name: "UnknownWave" },
      });
    await sql(
      "update legacy_completed_trainings set full_name = 'By Hand' where id = (select min(id) from legacy_completed_trainings)",
    );
    const back = await json("rollback", "--run", run);
    expect(back).toMatchObject({
      ...{ exit: 1, conflicts: [{ wave: 1, conflict: { changed: ["full_name"] } }] },
      import_state: { rolled_back: 119, committed: 1 },
    });
    expect(await sql("select count(*)::int as rows from legacy_completed_trainings")).toEqual([
      { rows: 1 },
    ]);
    // What the first wave left is none of what is asked for.
    const again = await shell.run("rollback", "--run", run, "--wave", "2");
    expect(again.exit).toBe(0);
    expect(again.out).toContain("There was nothing to take back.");

    const pulled = await json("audit", "pull", "--run", run, "--to", "bundle");
    expect(pulled).toMatchObject({ exit: 0 });
    const whole = await shell.run("audit", "verify", "bundle", "--digest", pulled.manifestDigest);
    expect(whole.out).not.toContain("FAIL");
    expect(whole.exit).toBe(0);
    const path = join(folder, "bundle", "audit-log.jsonl");
    expect((await shell.run("audit", "verify", path)).exit).toBe(1);
    expect((await shell.run("audit", "verify", path, "--unanchored")).exit).toBe(0);
    const unanchored = await shell.run("audit", "verify", "bundle");
    expect(unanchored.exit).toBe(1);
    expect(unanchored.out).toContain("Not anchored:");
    expect((await shell.run("audit", "verify", "bundle", "--unanchored")).exit).toBe(0);
    const { fingerprint } = await json("audit", "key", "--to", "key.pem");
    const twice = await json("audit", "key", "--to", "key.pem");
    expect(twice).toMatchObject({ exit: 2, error: { name: "FileNotWritten" } });
    const signed = await shell.run("audit", "verify", "bundle", "--public-key", "key.pem");
    expect(signed.exit).toBe(0);
    expect(signed.out).toContain(`Anchored by the signature of key ${fingerprint}.`);
    expect(signed.out).toContain("it shows damage, and not what the machine's owner forged.");
    await writeFile(path, (await readFile(path, "utf8")).replace("karima", "nobody"));
    expect((await shell.run("audit", "verify", "bundle", "--public-key", "key.pem")).exit).toBe(1);
    expect((await shell.run("audit", "verify", "bundle")).exit).toBe(1);
    const touched = await shell.run("audit", "verify", path);
    expect(touched.exit).toBe(1);
    expect(touched.out).toMatch(/The chain is BROKEN at entry \d+: .* it was changed\./);
  });

  it("B13 says what an erasure would take, erases it when told, and then takes nothing back", async () => {
    const hint = await shell.run("doctor");
    expect(hint.out).toContain("No time is set after which staged people are erased");
    const shown = await shell.run("erase", "--run", run);
    expect(shown.exit).toBe(1);
    expect(shown.out).toContain("Nothing was changed. Add --yes to erase this for good.");
    expect((await json("status", "--run", run)).erased_at).toBe(null);
    const done = await json("erase", "--run", run, "--yes");
    expect(done).toMatchObject({ exit: 0, erased: [{ run, rows: 3_000 }] });
    const back = await shell.run("rollback", "--run", run);
    expect(back.exit).toBe(1);
    expect(back.err).toMatch(/A rollback of ecoin-\S+ is no longer possible since 20\d\d-/);
    expect((await shell.run("status", "--run", run)).out).toMatch(/Erased\s+since 20.* UTC by /);
  });

  it("W3 finds the run where it was after the machine was switched off", async () => {
    const { pid } = await json("local", "status");
    const before = await json("balance", "--run", run);
    process.kill(pid, "SIGKILL");
    expect((await json("local", "up")).exit).toBe(0);
    expect(await json("balance", "--run", run)).toEqual(before);
  });
});
