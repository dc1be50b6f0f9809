import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { Forger, type Loose } from "./forger.ts";
import { type SmallWorld, wholeWorld } from "./small-run.ts";

let world: SmallWorld;
let home: string;
let whole: Forger;

beforeAll(async () => {
  world = await wholeWorld();
  whole = await Forger.of((await world.bundle("whole")).folder);
  home = await mkdtemp(join(tmpdir(), "wavegate-stories-"));
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

async function failures(tell: (forger: Forger) => unknown): Promise<string[]> {
  const forger = whole.copy();
  tell(forger);
  const folder = join(await mkdtemp(join(home, "one-")), "bundle");
  const { checks } = await verifyBundle(await forger.into(folder));
  return checks.filter(({ passed }) => !passed).map(({ name, message }) => `${name}: ${message}`);
}

const column = (rows: string[][], name: string) => (rows[0] as string[]).indexOf(name);
const row = (rows: string[][], where: Record<string, string>, nth = 0): string[] =>
  rows
    .slice(1)
    .filter((each) =>
      Object.entries(where).every(([name, value]) => each[column(rows, name)] === value),
    )[nth] as string[];
const swap = (rows: string[][], one: string[], other: string[], ...names: string[]) => {
  for (const name of names) {
    const at = column(rows, name);
    [one[at], other[at]] = [other[at] as string, one[at] as string];
  }
};
const set = (rows: string[][], one: string[], values: Record<string, string>) => {
  for (const [name, value] of Object.entries(values)) one[column(rows, name)] = value;
};
const entries = (log: Loose[], action: string) => log.filter((each) => each.action === action);
const change = (
  person: string,
  action: string,
  permissions: string[],
  holds: string[],
  at: string,
) => ({
  run_id: "00000000-0000-0000-0000-000000000000",
  seq: 1,
  at,
  actor: "administrator",
  action,
  digest: null,
  details: { person, permissions, holds },
  previous: "",
  hash: "",
});
const early = "2020-01-01T00:00:00.000Z";

const stories: readonly (readonly [string, (forger: Forger) => unknown])[] = [
  [
    "two committed rows exchange their classes",
    (f) =>
      f.csv("rows.csv.gz", (rows) =>
        swap(
          rows,
          row(rows, { classification: "completed", import_state: "committed" }),
          row(rows, { classification: "lead_only", import_state: "committed" }),
          "classification",
        ),
      ),
  ],
  [
    "two committed rows exchange class, action and table",
    (f) =>
      f.csv("rows.csv.gz", (rows) =>
        swap(
          rows,
          row(rows, { classification: "completed", import_state: "committed" }),
          row(rows, { classification: "lead_only", import_state: "committed" }),
          "classification",
          "import_action",
          "planned_action",
          "target_table",
        ),
      ),
  ],
  [
    "two committed rows of a wave exchange their records",
    (f) =>
      f.csv("rows.csv.gz", (rows) =>
        swap(
          rows,
          row(rows, { wave: "1", import_state: "committed" }),
          row(rows, { wave: "1", import_state: "committed" }, 1),
          "target_id",
        ),
      ),
  ],
  [
    "the same in rows and commit log",
    (f) => {
      let ids: string[] = [];
      f.csv("rows.csv.gz", (rows) => {
        const [a, b] = [
          row(rows, { wave: "1", import_state: "committed" }),
          row(rows, { wave: "1", import_state: "committed" }, 1),
        ];
        ids = [a[column(rows, "id")] as string, b[column(rows, "id")] as string];
        swap(rows, a, b, "target_id");
      }).csv("commit-log.csv.gz", (rows) =>
        swap(
          rows,
          row(rows, { row: ids[0] as string, round: "2" }),
          row(rows, { row: ids[1] as string, round: "2" }),
          "target_id",
        ),
      );
    },
  ],
  [
    "a row of wave two was in wave three, in rows and commit log",
    (f) => {
      let id = "";
      f.csv("rows.csv.gz", (rows) => {
        const a = row(rows, { wave: "2" });
        id = a[column(rows, "id")] as string;
        set(rows, a, { wave: "3" });
      }).csv("commit-log.csv.gz", (rows) => set(rows, row(rows, { row: id }), { wave: "3" }));
    },
  ],
  [
    "a held row was committed, in rows, commit log, balance and counts",
    (f) => {
      f.csv("rows.csv.gz", (rows) => {
        const a = row(rows, { import_state: "held" });
        const b = row(rows, { import_state: "committed", wave: "2" });
        set(rows, a, {
          import_state: "committed",
          wave: "2",
          target_table: b[column(rows, "target_table")] as string,
          target_id: "999999",
        });
      }).json("balance.json", (b) => {
        b.held -= 1;
        b.committed += 1;
      });
    },
  ],
  [
    "a failed row is called held",
    (f) =>
      f
        .csv("rows.csv.gz", (rows) =>
          set(rows, row(rows, { import_state: "failed" }), { import_state: "held" }),
        )
        .json("balance.json", (b) => {
          b.failed -= 1;
          b.held += 1;
        }),
  ],
  [
    "a needs_review row is called valid",
    (f) =>
      f.csv("rows.csv.gz", (rows) =>
        set(rows, row(rows, { validation_status: "needs_review" }), { validation_status: "valid" }),
      ),
  ],
  [
    "a rule that fired is left out",
    (f) =>
      f.csv("rows.csv.gz", (rows) => {
        const at = column(rows, "validation_issues");
        const a = rows.slice(1).find((each) => each[at] !== "") as string[];
        a[at] = "";
      }),
  ],
  [
    "a high hint is called none",
    (f) =>
      f.csv("rows.csv.gz", (rows) =>
        set(rows, row(rows, { duplicate_confidence: "high" }), { duplicate_confidence: "none" }),
      ),
  ],
  [
    "a link is called a creation",
    (f) =>
      f.csv("commit-log.csv.gz", (rows) =>
        set(rows, row(rows, { action: "link" }), { action: "commit" }),
      ),
  ],
  [
    "a record of the drill was never taken back",
    (f) =>
      f.csv("commit-log.csv.gz", (rows) => {
        const at = column(rows, "rolled_back_at");
        (rows.slice(1).find((each) => each[at] !== "") as string[])[at] = "";
      }),
  ],
  [
    "a wave's rows are written before its approval",
    (f) =>
      f.csv("commit-log.csv.gz", (rows) => {
        const at = column(rows, "committed_at");
        for (const each of rows.slice(1)) each[at] = early;
      }),
  ],
  [
    "the plan in the summary and in the waves had a first wave of 24",
    (f) =>
      f.json("summary.json", (s) => {
        s.pinned_to.wave_plan[0] = 24;
      }),
  ],
  [
    "the seed and the samples are others",
    (f) =>
      f.json("summary.json", (s) => {
        s.pinned_to.seed = "another";
      }),
  ],
  [
    "a sample that was judged wrong was right, in samples and log",
    (f) =>
      f
        .json("samples.json", (all) => {
          const s = all.find((each: Loose) => each.verdict === "wrong");
          s.verdict = "right";
          s.wrong = [];
        })
        .log((log) => {
          for (const e of entries(log, "samples-judged")) e.details.wrong = 0;
        }),
  ],
  [
    "an override is taken out of both",
    (f) =>
      f
        .json("sign-offs.json", (all) => {
          for (const each of all)
            Object.assign(each, {
              override_by: null,
              override_reason: null,
              override_at: null,
              override_stops: null,
            });
        })
        .log((log) => log.filter((e: Loose) => e.action !== "stops-overridden")),
  ],
  [
    "an override by the approver, in both",
    (f) =>
      f
        .json("sign-offs.json", (all) => {
          for (const each of all)
            if (each.override_by) each.override_by = each.decided_by ?? "approver";
        })
        .log((log) => {
          for (const e of entries(log, "stops-overridden")) e.actor = "approver";
          for (const e of log as Loose[]) if (e.details.override) e.details.override = "approver";
        }),
  ],
  [
    "the starter is nobody",
    (f) =>
      f
        .json("summary.json", (s) => {
          s.pinned_to.started_by = null;
        })
        .log((log) =>
          log.filter((e: Loose) => !(e.action === "started" && !("what" in e.details))),
        ),
  ],
  [
    "the backup is another one",
    (f) =>
      f.json("summary.json", (s) => {
        s.acknowledgements.backup = "another";
      }),
  ],
  [
    "the focus was another, in summary and preflight",
    (f) =>
      f.json("summary.json", (s) => {
        s.pinned_to.focus = "lead_only";
        s.pinned_to.focus_mode = "lead_only";
      }),
  ],
  [
    "a wave was verified after the next one began",
    (f) =>
      f.log((log) => {
        const v = entries(log, "verify")[0];
        const rest = log.filter((e: Loose) => e !== v);
        return [...rest, v];
      }),
  ],
  [
    "the drill was after wave two",
    (f) =>
      f.log((log) => {
        const d = entries(log, "drill")[0];
        const rest = log.filter((e: Loose) => e !== d);
        return [...rest, d];
      }),
  ],
  [
    "the drill failed and was told to have passed",
    (f) =>
      f.json("drill.json", (d) => {
        d.passed = false;
      }),
  ],
  [
    "a verification found two existing users written",
    (f) =>
      f.json("verifications.json", (all) => {
        const c = all[0].checks.find((each: Loose) => /user/.test(each.says ?? each.id));
        if (c) {
          c.found = 2;
        }
      }),
  ],
  [
    "a mapping is confirmed to another course in the csv alone",
    (f) =>
      f.csv("mappings-courses.csv", (rows) => {
        const at = column(rows, "course_id");
        const a = rows.slice(1).find((each) => each[at] !== "") as string[];
        a[at] = "17";
      }),
  ],
  [
    "a decision about a mapping was by the engine",
    (f) =>
      f.log((log) => {
        for (const e of entries(log, "mappings-decided")) e.actor = "wavegate";
      }),
  ],
  [
    "the definition is another, with digests made to fit in the manifest",
    (f) =>
      f.json("definition.json", (d) => {
        d.name = "other";
      }),
  ],
  [
    "the report tells one more creation",
    (f) =>
      f.text("migration-report.json", (t) =>
        t.replace(/"created": (\d+)/, (_, n) => `"created": ${Number(n) + 1}`),
      ),
  ],
  [
    "the approver's permission was taken long before",
    (f) =>
      f.log(
        (log) => [
          ...log,
          change(
            "approver",
            "permissions-taken",
            ["legacy_imports.commit"],
            ["legacy_imports.view"],
            early,
          ),
        ],
        "security-log.jsonl",
      ),
  ],
  [
    "whoever overrode was given the permission long after",
    (f) =>
      f.log(
        () => [
          change(
            "second",
            "permissions-given",
            ["legacy_imports.commit"],
            ["legacy_imports.commit"],
            "2099-01-01T00:00:00.000Z",
          ),
        ],
        "security-log.jsonl",
      ),
  ],
  [
    "nobody was ever given the permission to override",
    (f) =>
      f.log((log) => {
        for (const e of log as Loose[])
          if (e.details.person === "second") {
            e.details.permissions = ["legacy_imports.view"];
            e.details.holds = ["legacy_imports.view"];
          }
      }, "security-log.jsonl"),
  ],
  [
    "the export was before the last wave",
    (f) =>
      f.json("summary.json", (s) => {
        s.exported_at = early;
      }),
  ],
  [
    "the run is stopped",
    (f) =>
      f.json("summary.json", (s) => {
        s.status = "stopped";
      }),
  ],
  [
    "people were erased",
    (f) =>
      f.json("summary.json", (s) => {
        s.erased = { at: early, by: "root" };
      }),
  ],
  [
    "the go/no-go list lost an item",
    (f) =>
      f.json("go-no-go.json", (g) => {
        (g.items ?? g).pop();
      }),
  ],
];

describe("stories told in several files at once", () => {
  it.each(stories)("B11 W12 notices that %s", async (_, tell) => {
    const found = await failures(tell);
    expect(found).not.toEqual([]);
  });
});
