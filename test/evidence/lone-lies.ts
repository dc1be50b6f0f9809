import type { Forger, Loose } from "./forger.ts";

/** What is told otherwise, how, and what has to be found about it. */
type Lie = readonly [string, (forger: Forger) => unknown, string | RegExp];

const nothing = "f".repeat(64);
const hour = 3_600_000;
const later = (at: string, ms: number) => new Date(Date.parse(at) + ms).toISOString();
const set = (to: Loose, change: object): void => {
  Object.assign(to, change);
};
const json =
  (name: string, change: (all: Loose) => void) =>
  (forger: Forger): void => {
    forger.json(name, (all) => {
      change(all);
    });
  };
const summary = (change: (all: Loose) => void) => json("summary.json", change);
const waves = (change: (last: Loose) => void) => json("waves.json", (all) => change(all.at(-1)));
/** The first sign-off that was overridden and approved. */
const approved = (change: (record: Loose) => void) =>
  json("sign-offs.json", (all) => change(all.find((each: Loose) => each.override_by !== null)));
/** The first entry of the log with an action. */
const entry = (action: string, change: (entry: Loose) => void) => (forger: Forger) =>
  forger.log((log) => change(log.find((each) => each.action === action)));
const told =
  (action: string, digest: string | null, details: object) =>
  (forger: Forger): unknown =>
    forger.log((log) => [
      ...log,
      { ...(log.at(-1) as object), actor: "wavegate", action, digest, details } as never,
    ]);
/** Some cells of the first row that has others. */
const cells =
  (
    name: string,
    where: Readonly<Record<string, string>>,
    change: Readonly<Record<string, string>>,
  ) =>
  (forger: Forger) =>
    forger.csv(name, (rows) => {
      const at = (wanted: string) => (rows[0] as string[]).indexOf(wanted);
      const row = rows
        .slice(1)
        .find((each) => Object.entries(where).every(([key, is]) => each[at(key)] === is));
      for (const [column, is] of Object.entries(change)) (row as string[])[at(column)] = is;
    });
const row = (where: Readonly<Record<string, string>>, change: Readonly<Record<string, string>>) =>
  cells("rows.csv.gz", where, change);
const ledger = (
  where: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>>,
) => cells("commit-log.csv.gz", where, change);
const report = (from: string | RegExp, to: string) => (forger: Forger) =>
  forger.text("migration-report.json", (text) => text.replace(from, to));
const check = (change: (check: Loose, all: Loose) => void) =>
  json("verifications.json", (all) => change(all[0].checks[0], all[0]));

const ofRows: readonly Lie[] = [
  [
    "a state",
    row({ import_state: "linked" }, { import_state: "lost" }),
    "rows stand in unknown states (1)",
  ],
  ["a table of the source", row({}, { source_table: "others" }), "is of no table of the source"],
  [
    "how a row is written",
    row({ planned: "commit" }, { planned_action: "" }),
    "is planned without saying how",
  ],
  [
    "why a row is held",
    row({ planned: "hold" }, { planned_reason: "", state_reason: "" }),
    "is planned without saying why",
  ],
  [
    "what writes a row",
    row({ planned: "commit" }, { planned_action: "create_ghost" }),
    "has an action that no rule knows",
  ],
  [
    "what refused a row that is written",
    row({ import_state: "committed" }, { state_detail: "users_pkey" }),
    "was refused and is not held",
  ],
  [
    "another reason than was planned",
    row({ import_state: "held" }, { state_reason: "other" }),
    "has another reason than was planned",
  ],
  [
    "whom a row is linked to, in another table",
    row({ import_state: "linked" }, { target_table: "courses" }),
    "has another imported id than target",
  ],
  [
    "a row that the platform refused, and no log tells of",
    row({ import_state: "committed" }, { state_detail: "users_pkey" }),
    "1 row was refused by “users_pkey”, and the log has fewer",
  ],
  ["what an entry did", ledger({}, { action: "skip" }), "is neither a commit, a change nor a link"],
  [
    "when an entry was taken back",
    ledger({ round: "1", wave: "1" }, { rolled_back_at: "2020-01-01T00:00:00.000Z" }),
    "was taken back before it was written",
  ],
  [
    "that a row was edited that was taken back",
    ledger({ round: "1", wave: "1" }, { conflict: "edited" }),
    "was spared and taken back at once",
  ],
  [
    "what was changed of a row that nobody edited",
    ledger({ wave: "2" }, { changed_columns: "course_id" }),
    "changed without having been edited",
  ],
];

const ofReports: readonly Lie[] = [
  [
    "that nothing was written",
    report('"dryRun": false', '"dryRun": true'),
    "the report does not say whether anything was written",
  ],
  [
    "another target",
    report('"target": "platform"', '"target": "x"'),
    "the report is about another target",
  ],
  [
    "another start",
    report(/"startedAt": "[^"]+"/, '"startedAt": "2020-01-01T00:00:00.000Z"'),
    "the start is another moment in summary.json than in migration-report.json",
  ],
  [
    "when a dry run was",
    summary(({ dry_runs: [one] }) => set(one, { created_at: later(one.created_at, hour) })),
    "a dry run was at another moment in the log",
  ],
  [
    "a dry run in the log alone",
    told("dry-run", nothing, {}),
    "the log has a dry run that is not in summary.json",
  ],
  [
    "a review export in the log alone",
    told("export-review", nothing, {}),
    "the log has a review export that is not in summary.json",
  ],
  [
    "what a review export shows",
    summary(({ review_exports: [one] }) => set(one, { digest: nothing })),
    "a review export shows a dry run that is not in the bundle",
  ],
  ...["run", "dry_run_digest", "definition_digest"].map(
    (of, n): Lie => [
      `${of} of a review export's manifest`,
      summary(({ review_exports }) => set(review_exports.at(-1).manifest, { [of]: nothing })),
      `${["the run of a review export", "its dry run", "its rules"][n]} is ${nothing} in its manifest`,
    ],
  ),
  ...(
    [
      ["plan", "plan", { plan: { hold: 1 } }],
      ["creates", "action", { creates: {} }],
      ["reasons", "reason", { reasons: {} }],
    ] as const
  ).map(
    ([of, by, change]): Lie => [
      `${of} of a dry run`,
      summary(({ dry_runs }) => set(dry_runs.at(-1).report, change)),
      `the dry run counted other rows by ${by} than rows.csv.gz has`,
    ],
  ),
  [
    "a column of a dry run",
    summary(({ dry_runs }) =>
      set(
        dry_runs.at(-1).report.distributions.find(({ id }: Loose) => id === "classification"),
        { values: {} },
      ),
    ),
    "the dry run counted other rows by classification than rows.csv.gz has",
  ],
  [
    "that a check of the preflight failed",
    summary(({ preflight }) => set(preflight.checks[0], { passed: false })),
    "preflight passed with checks that failed",
  ],
  [
    "the reference, in the manifest",
    (forger) => forger.manifest((manifest) => set(manifest, { reference: "ecoin-1" })),
    "the reference is ecoin-1 in the manifest and ",
  ],
  [
    "who started the run",
    entry("started", (each) => set(each, { actor: "nadia" })),
    "who started the run is nadia in the log and operator in summary.json",
  ],
  [
    "when the drill was",
    json("drill.json", (all) => set(all, { at: later(all.at, hour) })),
    "the drill was at another moment in the log than in drill.json",
  ],
  [
    "that nobody judged an item",
    json("go-no-go.json", ({ items: [one] }) => set(one, { judged: false })),
    "the item connection_verified holds without having been judged",
  ],
];

const ofPeople: readonly Lie[] = [
  [
    "where a course goes",
    entry("mappings-decided", ({ details }) => set(details.decisions[0], { target: 4 })),
    /course \d+ goes to another target in the log/,
  ],
  [
    "that nobody confirmed a course",
    cells("mappings-courses.csv", { status: "confirmed" }, { status: "mapped" }),
    /the state of course \d+ is confirmed in the log and mapped in mappings-courses\.csv/,
  ],
  [
    "a course, twice",
    (forger) => forger.csv("mappings-courses.csv", (rows) => [...rows, rows[1] as string[]]),
    "mappings-courses.csv has an id twice",
  ],
  [
    "a question, twice",
    json("questions.json", (all) => void all.push(all[0])),
    "a question stands twice",
  ],
  [
    "when a question was asked",
    json("questions.json", ([one]) => set(one, { asked_at: later(one.asked_at, 1) })),
    "question 1 was asked at another moment in the log",
  ],
  [
    "a question that was closed before it was asked",
    (forger) => {
      json("questions.json", ([one]) => {
        one.closed_at = later(one.asked_at, -hour);
        entry("question-closed", (each) => set(each, { at: one.closed_at }))(forger);
      })(forger);
    },
    "question 1 was closed before it was asked",
  ],
  ...["question-asked", "question-closed"].map(
    (action): Lie => [
      `a digest of ${action}`,
      (forger) => {
        const { definition_digest: digest } = JSON.parse(forger.read("manifest.json"));
        entry(action, (each) => set(each, { digest }))(forger);
      },
      "question 1 is about a row, and the log has a digest for it",
    ],
  ),
  [
    "a sample of no dry run",
    json("samples.json", ([one]) => set(one, { digest: nothing })),
    "a sample is of no dry run of the bundle",
  ],
  [
    "a sample of no quota",
    json("samples.json", ([one]) => set(one, { bucket: "ghosts" })),
    "a sample is of no quota of the definition",
  ],
  [
    "a sign-off about another dry run",
    json("sign-offs.json", ([one]) => set(one.parts, { rows: nothing })),
    /sign-off \S+ is about a dry run that is not in the bundle/,
  ],
  [
    "what stops a sign-off",
    approved(({ stops: [one] }) => set(one, { says: "Nothing." })),
    /sign-off \S+ shows other stops than the log/,
  ],
  [
    "that something stops a sign-off",
    approved(({ stops: [one] }) => set(one, { stops: !one.stops })),
    /sign-off \S+ says the wrong thing about the stop unmapped_courses/,
  ],
  [
    "when a sign-off was asked about",
    approved((one) => set(one, { asked_at: later(one.asked_at, 1) })),
    /sign-off \S+ was asked at another moment in the log/,
  ],
  [
    "when a stop was overridden",
    approved((one) => set(one, { override_at: later(one.override_at, 1) })),
    /sign-off \S+ was overridden at another moment in the log/,
  ],
  [
    "why a stop was overridden",
    approved((one) => set(one, { override_reason: "Because." })),
    /why sign-off \S+ was overridden is One phone of a trial\. in the log and Because\. in/,
  ],
  [
    "what was overridden",
    approved((one) => set(one, { override_stops: ["duplicates"] })),
    /what sign-off \S+ overrides is \["sample_judged_wrong"\] in the log and \["duplicates"\] in/,
  ],
  [
    "an approval of something else than was written",
    (forger) => {
      const { definition_digest: digest } = JSON.parse(forger.read("manifest.json"));
      entry("sign-off-approved", (each) => set(each, { digest }))(forger);
    },
    "no approval of what wave 1 wrote is there",
  ],
];

const ofWaves: readonly Lie[] = [
  [
    "a wave that is larger than it",
    waves((wave) => set(wave, { size: 1 })),
    "took more rows than its size",
  ],
  [
    "what a wave created",
    waves(({ counts }) => set(counts, { created: { crm_leads: 1 } })),
    /created 1 rows and committed \d+/,
  ],
  [
    "what a wave found",
    waves(({ before }) => set(before, { rows: nothing })),
    "wave 4 found other rows than were signed off",
  ],
  [
    "when a wave was taken back that stands",
    waves((wave) => set(wave, { rolled_back_at: "2030-01-01T00:00:00.000Z" })),
    "wave 4 is verified and has the wrong moment for it",
  ],
  [
    "whose approval a wave rests on",
    waves((wave) => set(wave, { sign_off_id: "7573e18a-4089-4637-9e64-c04eb5c6c65e" })),
    /the sign-off of wave 4 is \S+ in the log and 7573e18a/,
  ],
  [
    "the size of a wave",
    waves((wave) => set(wave, { size: 249 })),
    "the size of wave 4 is 250 in the log and 249",
  ],
  ...(
    [
      ["heldBack", "held back", 1],
      ["skipped", "skipped", 1],
      ["refused", "refused", { users_pkey: 1 }],
      ["updated", "changed", { users: 1 }],
    ] as const
  ).map(
    ([of, what, is]): Lie => [
      `${of} of a wave`,
      waves(({ counts }) => set(counts, { [of]: is })),
      `${what} of wave 4 is `,
    ],
  ),
  [
    "how many entries a rollback took back",
    entry("rollback", ({ details }) => set(details, { entries: 24 })),
    /entry \d+ of the log took back 24 entries and counts others/,
  ],
  [
    "a conflict that a rollback does not count",
    entry("rollback", ({ details }) => set(details, { conflicts: [{}] })),
    /entry \d+ of the log names other conflicts than it counts/,
  ],
  [
    "when a rollback was",
    entry("rollback", (each) => set(each, { at: later(each.at, hour) })),
    "wave 1, round 1 was taken back at another moment in the log than in the commit log",
  ],
  [
    "when a wave was verified",
    json("verifications.json", ([one]) => set(one, { at: later(one.at, hour) })),
    /verification \d+ was at another moment in the log/,
  ],
  [
    "what a check found",
    check((one) => set(one, { got: 1 })),
    "says of a check what its numbers do not",
  ],
  [
    "how a verification ended",
    check((_, all) => set(all, { passed: false })),
    "says the wrong outcome",
  ],
  [
    "people who were compared",
    check((one) => set(one, { people: [{ things: 1, missing: 0, foreign_entries: 0 }] })),
    "says of people what it does not of their sum",
  ],
  ["a check less", check((_, all) => all.checks.pop()), "lacks the check history_in_place"],
  [
    "which round was verified",
    waves(({ verification: [one] }) => set(one, { round: 9 })),
    "the round of wave 4 is 9 in its verification and 1 in waves.json",
  ],
  [
    "what the end was verified against",
    json("verifications.json", (all) => set(all.at(-1).checks[0], { expected: 374 })),
    "“balance” is 374 in the final verification and 375 in the bundle",
  ],
];

/** Each tells one thing otherwise that one comparison alone finds under this name. */
export const loneLies: readonly Lie[] = [...ofRows, ...ofReports, ...ofPeople, ...ofWaves];

/** The same of a review export. */
export const loneReviewLies: readonly Lie[] = [
  [
    "of a moment",
    (forger) =>
      forger.manifest((manifest) => {
        const { format, files } = manifest;
        delete manifest.format;
        delete manifest.files;
        set(manifest, { exported_at: "2026-12-01T10:00:00Z", format, files });
      }),
    "the manifest is not that of a review export",
  ],
  [
    "of no dry run",
    (forger) => forger.manifest((manifest) => void delete manifest.dry_run_digest),
    "the manifest is not that of a review export",
  ],
  [
    "with a file of none",
    (forger) => forger.text("waves.json", () => "[]\n"),
    "waves.json is in no review export",
  ],
  [
    "that something stops it",
    summary(({ dry_run }) =>
      set(dry_run.report.stops[0], { stops: !dry_run.report.stops[0].stops }),
    ),
    "the stop condition unmapped_courses says the wrong thing",
  ],
  ...["reference", "migration"].map(
    (of): Lie => [
      `another ${of}`,
      summary(({ pinned_to }) => set(pinned_to, { [of]: "other" })),
      new RegExp(`the ${of} is \\S+ in the manifest and other in summary\\.json`),
    ],
  ),
  [
    "other rules",
    summary(({ pinned_to }) => set(pinned_to, { definition_digest: nothing })),
    `in the manifest and ${nothing} in summary.json`,
  ],
  [
    "other rules of the dry run",
    summary(({ dry_run }) => set(dry_run.parts, { definition: nothing })),
    `in the manifest and ${nothing} in summary.json`,
  ],
];
