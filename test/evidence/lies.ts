import { definitionDigest } from "../../lib/data/runs.ts";
import type { Forger, Loose } from "./forger.ts";

/** What is told otherwise, how, and what has to be found about it. */
type Lie = readonly [string, (forger: Forger) => unknown, string | RegExp];

/** Changes in place, and answers nothing: what an answer holds would be written instead. */
const put = (to: Loose, change: object): void => {
  Object.assign(to, change);
};
const later = (at: string, ms: number) => new Date(Date.parse(at) + ms).toISOString();
const first = (log: Loose[], action: string): Loose => log.find((each) => each.action === action);
/** One more entry behind the first of its kind, a moment later: not the same entry twice. */
const again = (action: string) => (forger: Forger) =>
  forger.log((log) =>
    log.flatMap((each) =>
      each === first(log, action) ? [each, { ...each, at: later(each.at, 1) }] : [each],
    ),
  );
/** One more entry at the end of the log. */
const told =
  (actor: string, action: string, details: Loose, digest: string | null = null) =>
  (forger: Forger) =>
    forger.log((log) => [
      ...log,
      { ...(log.at(-1) as object), actor, action, digest, details } as never,
    ]);
/** By other rules, whose digest is the bundle's. */
const ruled = (forger: Forger, change: (rules: Loose) => void): void => {
  forger.json("definition.json", change);
  const rules = JSON.parse(forger.read("definition.json"));
  forger.manifest((manifest) => put(manifest, { definition_digest: definitionDigest(rules) }));
};
const waves = (change: (last: Loose) => void) => (forger: Forger) =>
  forger.json("waves.json", (all) => {
    change(all.at(-1));
  });
/** A sample of the newest dry run, which is the one that was approved. */
const newest = (forger: Forger): string =>
  JSON.parse(forger.read("summary.json")).dry_runs.at(-1).digest;
const sampled = (change: (sample: Loose, all: Loose[]) => void) => (forger: Forger) => {
  const digest = newest(forger);
  forger.json("samples.json", (all) => {
    change(
      all.find((each: Loose) => each.digest === digest && each.bucket === "completed"),
      all,
    );
  });
};
/** The first approval of scaling up, in the record and where the log asks and decides. */
const approval =
  (change: (record: Loose, asked: Loose, decided: Loose, overridden: Loose) => void) =>
  (forger: Forger) => {
    let id = "";
    const entries: Loose[] = [];
    forger.log((log) => {
      id = first(log, "sign-off-approved").details.signOff;
      const of = (action: string) =>
        log.find((each) => each.action === action && each.details.signOff === id) as Loose;
      entries.push(of("sign-off-asked"), of("sign-off-approved"), of("stops-overridden"));
      const record = JSON.parse(forger.read("sign-offs.json")).find(
        (each: Loose) => each.id === id,
      );
      const [asked, decided, overridden] = entries;
      change(record, asked, decided, overridden);
      forger.json("sign-offs.json", (all) =>
        all.map((each: Loose) => (each.id === id ? record : each)),
      );
    });
  };
/** The same, expired a moment before it was asked or decided. */
const expired = (moment: "asked_at" | "decided_at") =>
  approval((record, asked) => {
    record.expires_at = later(record[moment], -1);
    asked.details.expiresAt = record.expires_at;
  });
const cell =
  (name: string, where: Readonly<Record<string, string>>, column: string, value: string) =>
  (forger: Forger) =>
    forger.csv(name, (rows) => {
      const at = (wanted: string) => (rows[0] as string[]).indexOf(wanted);
      const row = rows
        .slice(1)
        .find((each) =>
          Object.entries(where).every(([key, is]) => each[at(key)] === is),
        ) as string[];
      row[at(column)] = value;
    });

/** Each tells one thing otherwise, where nothing else of the bundle would show it, or not by that name. */
export const lies: readonly Lie[] = [
  [
    "a conflict of a rollback",
    (f) => f.json("balance.json", (all) => put(all, { conflicts: 3 })),
    "the conflicts is 3 in balance.json and 0 in rows.csv.gz",
  ],
  [
    "where rows of a kind stand",
    (f) =>
      f.json("balance.json", ({ holds: _, conflicts: __, ...states }) => ({
        ...JSON.parse(f.read("balance.json")),
        entities: [{ entity: "ghosts", ...states }],
      })),
    "the states of ghosts is ",
  ],
  [
    "what changes",
    (f) =>
      f.json("summary.json", (all) => put(all.dry_runs.at(-1).report, { updates: { users: 1 } })),
    "the dry run counted other rows by action that changes than rows.csv.gz has",
  ],
  [
    "the limit of a stop",
    (f) =>
      f.json("summary.json", (all) => put(all.dry_runs.at(-1).report.stops[0], { threshold: 0.9 })),
    /limit of \w+ is 0\.9 and the rows have /,
  ],
  ["a review export, twice", again("export-review"), "the log has a review export twice"],
  [
    "the end of an erasure",
    told("wavegate", "erased", { rows: 1 }),
    "the log has the end of an erasure nobody asked for",
  ],
  [
    "an erasure, of rows that show people",
    (f) => {
      told("operator", "erase", { rows: 1 })(f);
      told("operator", "erased", { rows: 1 })(f);
      f.json("summary.json", (all) =>
        put(all, { erased: { at: "2026-01-01T00:00:00.000Z", by: "operator" } }),
      );
    },
    "rows show something of people who were erased",
  ],
  ["a second drill", again("drill"), "a drill was held although one had passed"],
  [
    "an entry, copied",
    (f) =>
      f.log((log) =>
        log.flatMap((each) => (each === first(log, "mappings-decided") ? [each, each] : [each])),
      ),
    /audit log: Entry \d+ stands twice/,
  ],
  [
    "a mapping to nothing",
    cell("mappings-courses.csv", { status: "mapped" }, "course_id", ""),
    /course \d+ is mapped to nothing/,
  ],
  [
    "a target of what was not mapped",
    cell("mappings-courses.csv", { status: "unmapped" }, "course_id", "1"),
    /course \d+ is unmapped and has a target/,
  ],
  [
    "a waiting list that is a session",
    cell("mappings-sessions.csv", { session_type: "placeholder_session" }, "status", "mapped"),
    /session \d+ is a placeholder and mapped/,
  ],
  [
    "a waiting list that is a session, by rules that have no word of their own for it",
    (f) => {
      ruled(f, ({ references }) => put(references.session, { types: undefined }));
      cell("mappings-sessions.csv", { session_type: "placeholder_session" }, "status", "mapped")(f);
    },
    /session \d+ is a placeholder and mapped/,
  ],
  [
    "a decision about a course that is none",
    (f) => f.log((log) => put(first(log, "mappings-decided").details.decisions[0], { id: 987654 })),
    "the log decides about course 987654, which mappings-courses.csv has not",
  ],
  [
    "why a run halted that did not",
    (f) =>
      f.json("summary.json", (all) => put(all, { halted_because: { error: "X", message: "x" } })),
    "the run is completed and has the wrong reason for it",
  ],
  [
    "why a run halted",
    (f) => {
      told("wavegate", "halted", { error: "One" })(f);
      f.json("summary.json", (all) =>
        Object.assign(all, { status: "halted", halted_because: { error: "Other", message: "x" } }),
      );
    },
    "why the run halted is One in the log and Other in summary.json",
  ],
  [
    "an answer without a reason",
    (f) => {
      f.json("questions.json", (all) => put(all[0], { answer: " " }));
      f.log((log) => put(first(log, "question-closed").details, { reason: " " }));
    },
    "question 1 of somebody else was closed without a reason",
  ],
  [
    "a run that halted at its preflight, and was written",
    (f) => {
      const gone = [
        "preflight",
        "halted",
        "paused",
        "stop",
        "resume",
        "final-verify",
        "rolled-back",
      ];
      f.log((log) => log.filter(({ action }) => !gone.includes(action)));
      f.json("summary.json", (all) =>
        put(all, { status: "halted", halted_because: { error: "X", message: "x" } }),
      );
    },
    "the run is halted in summary.json, and running in the log",
  ],
  ["a second preflight", again("preflight"), "preflight passed twice in the log"],
  [
    "a sample too many",
    sampled((one, all) => {
      const size = all.filter(
        ({ digest, bucket }) => digest === one.digest && bucket === "completed",
      ).length;
      all.push({ ...one, position: size + 1, staged_id: 999_999 });
    }),
    "more rows than asked were drawn as completed",
  ],
  [
    "a sampled row that is none",
    sampled((one) => put(one, { staged_id: 999_999 })),
    "the sampled row 999999 is not in rows.csv.gz",
  ],
  [
    "a verdict that is gone",
    sampled((one) =>
      Object.assign(one, { verdict: null, wrong: null, judged_by: null, judged_at: null }),
    ),
    /the log has a verdict on row \d+, and samples\.json none/,
  ],
  [
    "a right row with something wrong",
    sampled((one) => Object.assign(one, { verdict: "right", wrong: ["phone"] })),
    /row \d+ is right and says otherwise/,
  ],
  [
    "a verdict taken back by somebody else",
    (f) => {
      const [signOff] = JSON.parse(f.read("sign-offs.json"));
      told("second", "verdict-undone", { signOff: signOff.id, row: 1 })(f);
    },
    "of the log takes back a verdict on row 1 that was not theirs",
  ],
  [
    "verdicts that a person carried",
    told("approver", "verdicts-carried", { rows: [] }),
    "of the log carries verdicts for somebody",
  ],
  [
    "decisions about mappings that a person carried",
    told("approver", "mappings-carried", { table: "legacy_course_mappings", decisions: [] }),
    "of the log carries decisions about mappings for somebody",
  ],
  [
    "decisions about mappings, carried when rows were judged",
    told("wavegate", "mappings-carried", { table: "legacy_course_mappings", decisions: [] }),
    "of the log carries decisions about mappings into a run that was judged",
  ],
  [
    "a carried verdict of nobody",
    told("wavegate", "verdicts-carried", { rows: [[1, "f".repeat(64)]] }),
    "of the log carries a verdict on row 1 that nobody gave on what it says",
  ],
  [
    "a sign-off, twice",
    (f) => f.json("sign-offs.json", (all) => [...all, all.at(-1)]),
    "sign-offs: a sign-off stands twice",
  ],
  [
    "another word for a decision",
    (f) => f.json("sign-offs.json", (all) => put(all.at(-1), { changes_asked: true })),
    /the log has another answer to sign-off \S+ than sign-offs\.json/,
  ],
  ["a second decision", again("sign-off-approved"), /the log has 2 decisions for sign-off /],
  [
    "why a sign-off is void",
    (f) => {
      const [signOff] = JSON.parse(f.read("sign-offs.json"));
      told("wavegate", "sign-off-voided", { signOff: signOff.id, because: "Because." })(f);
    },
    / is void is Because\. in the log and null in sign-offs\.json/,
  ],
  [
    "an approval while a question about a row was open",
    (f) =>
      f.log((log) => {
        const asked = log.findLast(({ action }) => action === "question-asked") as Loose;
        const rest = log.filter((each) => each !== asked);
        const approved = rest.findIndex(({ action }) => action === "sign-off-approved");
        return rest.toSpliced(approved, 0, asked);
      }),
    /entry \d+ of the log approves while 1 question about rows is open/,
  ],
  [
    "a question that is void of itself",
    (f) => {
      const { id } = JSON.parse(f.read("sign-offs.json")).at(-1);
      const open = { decided_by: null, decided_at: null, comment: null, void_because: null };
      f.json("sign-offs.json", (all) =>
        all.map((each: Loose) => (each.id === id ? { ...each, ...open, status: "voided" } : each)),
      );
      f.log((log) =>
        log.filter(
          ({ action, details }) => action !== "sign-off-approved" || details.signOff !== id,
        ),
      );
    },
    /is void, and nothing tells of it/,
  ],
  [
    "an approval against a stop that nobody overrode",
    (f) => {
      const none = { override_by: null, override_reason: null, override_at: null };
      f.json("sign-offs.json", (all) =>
        all.map((each: Loose) => ({ ...each, ...none, override_stops: [] })),
      );
      f.log((log) =>
        log
          .filter(({ action }) => action !== "stops-overridden")
          .map((each) =>
            each.action === "sign-off-approved"
              ? { ...each, details: { ...each.details, override: null } }
              : each,
          ),
      );
    },
    "was approved against a stop that nobody overrode",
  ],
  ["an approval after it had expired", expired("decided_at"), "was decided after it had expired"],
  [
    "an override from before it was asked",
    approval((record, _, __, overridden) => {
      record.override_at = later(record.asked_at, -60_001);
      overridden.at = record.override_at;
    }),
    "was overridden before it was asked or after it was decided",
  ],
  [
    "an override that the log tells of behind the decision",
    (f) =>
      f.log((log) => {
        const { details } = first(log, "stops-overridden");
        const of = (action: string) =>
          log.findIndex(
            (each) => each.action === action && each.details.signOff === details.signOff,
          );
        const [taken] = log.splice(of("stops-overridden"), 1) as [Loose];
        log.splice(of("sign-off-approved") + 1, 0, taken);
        return log;
      }),
    "was overridden before it was asked or after it was decided",
  ],
  [
    "a decision that the log tells of before the question",
    (f) =>
      f.log((log) => {
        const { details } = first(log, "sign-off-rejected");
        const of = (action: string) =>
          log.findIndex(
            (each) => each.action === action && each.details.signOff === details.signOff,
          );
        const [said] = log.splice(of("sign-off-rejected"), 1) as [Loose];
        log.splice(of("sign-off-asked"), 0, said);
        return log;
      }),
    "was decided before it was asked",
  ],
  ["one that had expired when it was asked", expired("asked_at"), "had expired when it was asked"],
  [
    "one that is open although it was asked anew",
    (f) => f.json("sign-offs.json", (all) => put(all[0], { status: "pending" })),
    "is open although it was asked anew",
  ],
  [
    "a final verification that is not ready",
    (f) =>
      f.json("verifications.json", (all) => {
        const end = all.findLast((each: Loose) => each.kind === "final");
        end.checks = end.checks.filter((each: Loose) => each.id !== "ready");
      }),
    "lacks the check ready",
  ],
  [
    "a verification of what was only written",
    waves((wave) => put(wave, { status: "committed" })),
    "is committed and has a verification",
  ],
  ["a wave that took no row", waves((wave) => put(wave.counts, { picked: 0 })), "took no row"],
  [
    "a wave that was taken back",
    waves((wave) =>
      Object.assign(wave, { status: "rolled_back", rolled_back_at: "2030-01-01T00:00:00.000Z" }),
    ),
    "was taken back, and the log does not say so",
  ],
  [
    "rows that a wave changed",
    (f) => f.log((log) => put(first(log, "commit").details, { updated: { users: 1 } })),
    'changed in wave 1, round 1 is {"users":1} in the log',
  ],
  [
    "an entry that is none",
    (f) => f.text("audit-log.jsonl", (text) => text.replace(/^.*\n/, '{"a":1}\n')),
    /audit-log\.jsonl line \d+ is no audit entry/,
  ],
  [
    "an entry of the ledger without a target",
    cell("commit-log.csv.gz", { wave: "2" }, "target_id", ""),
    "names no target",
  ],
  [
    "one without its moment",
    cell("commit-log.csv.gz", { wave: "2" }, "committed_at", ""),
    "does not say when it was written",
  ],
  [
    "a report that is none",
    (f) => f.text("migration-report.json", () => "nothing"),
    "migration-report.json is not JSON",
  ],
  [
    "a report of another shape",
    (f) => f.text("migration-report.json", () => '{"a": 1}\n'),
    "migration-report.json is not of its shape",
  ],
  [
    "a document that the rules name and nobody has",
    (f) => {
      ruled(f, (rules) => put(rules, { documents: { "extra.json": {} } }));
    },
    "documents: extra.json is named by the rules and is not in the bundle",
  ],
  [
    "a document that no rule names",
    (f) => f.text("extra.json", () => "{}\n"),
    "documents: extra.json is {} in the bundle and no document of the rules in the rules",
  ],
  [
    "more rows than there are, of a column that rows do not show",
    (f) => {
      f.csv("rows.csv.gz", ([heading = []]) => {
        heading[heading.indexOf("session_type")] = "session_kind";
      });
      f.json("summary.json", (all) => {
        const { distributions } = all.dry_runs.at(-1).report;
        put(
          distributions.find(({ id }: Loose) => id === "session_type"),
          { values: { none: 999_999 } },
        );
      });
    },
    "the dry run counted more rows by session_type than there are",
  ],
  [
    "when a wave was taken back",
    (f) => {
      const at = "2030-01-01T00:00:00.000Z";
      f.json("waves.json", (all) => {
        const last = all.at(-1);
        const undone = { undone: last.counts.picked, spared: 0, gone: 0 };
        const { wave } = last;
        told("wavegate", "rollback", { wave, entries: undone.undone, ...undone, conflicts: [] })(f);
        put(last, { status: "rolled_back", rolled_back_at: at });
        put(last.counts, { rolledBack: undone });
      });
    },
    "was taken back at another moment in the commit log than in waves.json",
  ],
  [
    "a manifest without its log",
    (f) => f.manifest((manifest) => delete manifest.audit_log),
    "audit log: The manifest does not say what the audit log was",
  ],
  [
    "a sampled row of another kind",
    (f) => {
      const [heading = "", ...rows] = f.read("rows.csv.gz").split("\r\n");
      const at = heading.split(",").indexOf("classification");
      const other = rows.find((row) => row.split(",")[at] === "lead_only")?.split(",")[0];
      sampled((one) => put(one, { staged_id: Number(other) }))(f);
    },
    /row \d+ is none to be drawn as completed/,
  ],
  [
    "a kind of things that no rule knows",
    (f) =>
      f.csv("rows.csv.gz", (rows) =>
        rows.map((row, index) => row.toSpliced(1, 0, index === 0 ? "entity" : "ghosts")),
      ),
    /\d+ times a row is of no entity of the definition/,
  ],
  [
    "a written row that failed",
    cell("rows.csv.gz", { import_state: "committed" }, "import_state", "failed"),
    "failed, which was not planned",
  ],
  [
    "so much that not all of it is named",
    (f) =>
      f.json("sign-offs.json", (all) =>
        all.map((each: Loose) => ({ ...each, digest: "0".repeat(64), comment: "x" })),
      ),
    /; and \d+ more\./,
  ],
];

/** The same of a review export. */
export const reviewLies: readonly Lie[] = [
  [
    "another dry run",
    (f) => f.json("summary.json", (all) => put(all.dry_run, { digest: "0".repeat(64) })),
    /the dry run is [0-9a-f]{64} in the manifest and 0{64} in summary\.json/,
  ],
  [
    "other parts of what is signed",
    (f) => f.json("summary.json", (all) => put(all.dry_run.parts, { rows: "0".repeat(64) })),
    "the dry run's digest is not the one of its parts",
  ],
  [
    "another plan of waves",
    (f) => f.json("summary.json", (all) => put(all.pinned_to, { wave_plan: [25, 5000] })),
    "the dry run is about another source, focus, plan, seed or starter",
  ],
];
