import { createHash } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Frame } from "../../lib/cli/command.ts";
import { verify } from "../../lib/cli/verbs/audit.ts";
import type { AuditEntry } from "../../lib/evidence/audit-chain.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type ForgedWorld, forgedWorld } from "./forged-world.ts";
import { Forger, type Loose } from "./forger.ts";
import { lies, reviewLies } from "./lies.ts";
import { readOtherwise } from "./otherwise.ts";
import { run, type SmallWorld, wholeWorld } from "./small-run.ts";

let home: string;
let whole: Forger;
let review: Forger;

let forged: ForgedWorld;
beforeAll(async () => {
  forged = await forgedWorld();
  ({ home, whole, review } = forged);
});
afterAll(() => forged.close());

const failures = async (tell: (forger: Forger) => unknown, of = whole): Promise<string> =>
  (await forged.failed(of, tell)).map(({ name, message }) => `${name}: ${message}`).join("\n");

/** What `wavegate audit verify` says of it all, behind its checks. */
async function heads(folder: string, digest?: string): Promise<string | undefined> {
  const frame = { io: { cwd: home } } as unknown as Frame;
  const { text } = await verify(frame, folder, digest === undefined ? {} : { digest });
  return text[text.indexOf("") + 1];
}

const approvals = (value: Loose[]) => value.filter(({ status }) => status === "approved");
const isApproval = ({ action }: Loose) => action === "sign-off-approved";
const without = (action: string) => (log: Loose[]) => log.filter((each) => each.action !== action);

/** The same person in sign-offs.json and in the log. */
const decidedBy = (name: string) => (forger: Forger) =>
  forger
    .json("sign-offs.json", (all) => {
      for (const each of approvals(all)) each.decided_by = name;
    })
    .log((log) => {
      for (const entry of log.filter(isApproval)) Object.assign(entry, { actor: name });
    });

describe("lies told in one file, which the log contradicts", () => {
  it.each(["decided_by", "comment", "gate"])(
    "W12 notices another %s of an approval",
    async (field) => {
      const found = await failures((forger) =>
        forger.json("sign-offs.json", (all) => {
          approvals(all)[0][field] = field === "gate" ? "scale_up" : "somebody";
        }),
      );
      expect(found).toContain("sign-offs: ");
    },
  );

  it("W12 notices an approver that stands in the log alone", async () => {
    const found = await failures((forger) =>
      forger.log((log) => {
        Object.assign(log.find(isApproval) as Loose, { actor: "somebody" });
      }),
    );
    expect(found).toContain("is somebody in the log and approver in sign-offs.json");
  });

  it.each(["voided", "rejected", "pending", "expired"])(
    "W7 notices approvals that are called %s",
    async (status) => {
      const found = await failures((forger) =>
        forger.json("sign-offs.json", (all) => {
          for (const each of approvals(all)) each.status = status;
        }),
      );
      expect(found).toContain(`is approved in the log and ${status} in sign-offs.json`);
    },
  );

  it.each(["waves.json", "sign-offs.json", "samples.json", "questions.json", "verifications.json"])(
    "W12 notices that %s was emptied",
    async (name) => {
      expect(await failures((forger) => forger.json(name, () => []))).not.toBe("");
    },
  );

  it.each([
    [
      "a policy that nobody agreed on",
      "policy-bundle.json",
      { policies: [{ key: "a.b", value: 1 }] },
    ],
    [
      "policies of another moment",
      "policy-bundle.json",
      { generatedAt: "2020-01-01T00:00:00.000Z" },
    ],
    ["another connection", "migration-config.json", { source: "elsewhere" }],
    ["other gates", "migration-config.json", { gates: "never" }],
    ["rules of another digest", "migration-config.json", { definition_digest: "0".repeat(64) }],
  ])("V5 notices %s in the bundle's documents", async (_, name, change) => {
    expect(
      await failures((forger) => forger.json(name, (all) => Object.assign(all, change))),
    ).toContain(`documents: ${name} is `);
  });

  it.each(["policy-bundle.json", "migration-config.json"])(
    "V5 notices that %s was taken out alone",
    async (name) => {
      expect(await failures((forger) => forger.remove(name))).toContain(
        "documents: of policies and configuration only one is in the bundle",
      );
    },
  );

  it("V5 a bundle of an earlier version, without documents, holds", async () => {
    expect(
      await failures((forger) => {
        forger.remove("policy-bundle.json");
        forger.remove("migration-config.json");
      }),
    ).toBe("");
  });

  it("R14 notices that the drill's certificate was taken out", async () => {
    const found = await failures((forger) => forger.remove("drill.json"));
    expect(found).toContain("of the log and drill.json only one tells of a drill");
  });

  it("R13 notices that ids of rows and commit log differ, in equal number and sum", async () => {
    const found = await failures((forger) =>
      forger.csv("commit-log.csv.gz", (rows) => {
        const open = rows.filter((row) => row[1] === "2");
        const [one, other] = [open[0] as string[], open[1] as string[]];
        [one[3], other[3]] = [other[3] as string, one[3] as string];
      }),
    );
    expect(found).toContain("commit log: of wave 2 commit legacy_completed_trainings");
  });

  it.each(["commit-log.csv.gz", "rows.csv.gz"])(
    "W12 notices two lines of %s that changed places",
    async (file) => {
      const found = await failures((forger) =>
        forger.csv(file, (rows) => void rows.splice(1, 2, ...rows.slice(1, 3).reverse())),
      );
      expect(found).toContain("does not stand in the order of ids");
    },
  );

  it.each([
    ["below another run", ["runs/another/audit/0001"]],
    ["below another run of a name as long", ["OTHER/audit/0001"]],
    ["below the run of a longer name", ["x/RUN/audit/0001"]],
    ["twice", ["RUN/audit/0001", "RUN/audit/0001"]],
    ["under no number", ["RUN/audit/latest"]],
  ])("W12 notices an earlier export that lies %s", async (_where, prefixes) => {
    const found = await failures((forger) => {
      const { reference } = JSON.parse(forger.read("manifest.json"));
      forger.log((log) => [
        ...log,
        ...prefixes.map((prefix) => ({
          ...(log.at(-1) as object),
          ...{ actor: "wavegate", action: "export-audit", digest: "d" },
          details: {
            prefix: prefix
              .replace("RUN", `runs/${reference}`)
              .replace("OTHER", `runs/${reference.slice(0, -1)}x`),
            manifest: "d",
          },
        })),
      ]);
    });
    expect(found).toContain("exports that do not lie each under a number of its own below the run");
  });

  it.each([
    ["-2", false],
    ["-17", false],
    ["-0", true],
    ["x", true],
    ["-2/x", true],
  ])(
    "W3 W12 a review export that was cut off and made again lies beside its dry run's place: %s",
    async (behind, noticed) => {
      const found = await failures((forger) =>
        forger
          .json("summary.json", (summary) => {
            for (const each of summary.review_exports) each.prefix += behind;
          })
          .log((log) => {
            for (const { action, details } of log)
              if (action === "export-review")
                Object.assign(details, { prefix: `${details.prefix}${behind}` });
          }),
      );
      expect(found.includes("a review export does not lie where its dry run's does")).toBe(noticed);
    },
  );

  it.each(["review", "audit"])(
    "W12 notices a bundle that calls itself %s and is none",
    async (kind) => {
      const found = await failures((forger) =>
        forger.manifest((manifest) => {
          manifest.kind = kind;
          if (kind === "audit") manifest.files = manifest.files.slice(1);
        }),
      );
      expect(found).toContain("files: ");
    },
  );
});

describe("lies told in every file alike, which the rules contradict", () => {
  it.each([
    "operator",
    "Operator",
    " OPERATOR ",
    "ｏｐｅｒａｔｏｒ",
    "arn:aws:sts::1:assumed-role/x/operator",
  ])("W8 notices that “%s” approved, who started the run", async (name) => {
    expect(await failures(decidedBy(name))).toContain(
      "was approved by the one who started the run",
    );
  });

  it.each(["Second", "SECOND"])(
    "R7 notices that %s approved what they had overridden",
    async (name) => {
      expect(await failures(decidedBy(name))).toContain(
        "was overridden by the one who started or approved",
      );
    },
  );

  it("W8 notices that no person approved", async () => {
    expect(await failures(decidedBy("wavegate"))).toContain("was approved by no person");
  });

  it("D12 notices that every wave rests on the first gate's approval", async () => {
    const found = await failures((forger) => {
      const signed = approvals(JSON.parse(forger.read("sign-offs.json")))[0].id;
      forger
        .json("waves.json", (all) => {
          for (const wave of all) wave.sign_off_id = signed;
        })
        .log((log) => {
          for (const entry of log) {
            if (entry.action === "commit") (entry.details as Loose).sign_off = signed;
          }
        });
    });
    expect(found).toContain(
      "wave 2 rests on the approval of first_wave, and needs that of scale_up",
    );
  });

  it("W7 notices approvals that were given after the waves", async () => {
    const found = await failures((forger) =>
      forger.log((log) => [
        ...log.filter((entry) => !isApproval(entry)),
        ...log.filter(isApproval),
      ]),
    );
    expect(found).toContain("no approval of what wave 1 wrote is there");
  });

  it("W7 notices moments after the waves, told by log and record alike", async () => {
    const late = "2031-01-01T00:00:00.000Z";
    const found = await failures((forger) =>
      forger
        .json("sign-offs.json", (all) => {
          for (const each of approvals(all))
            Object.assign(each, { decided_at: late, expires_at: late });
        })
        .log((log) => {
          for (const entry of log.filter(isApproval)) Object.assign(entry, { at: late });
        }),
    );
    expect(found).toContain("is older than the one before it");
    expect(found).toContain("wave 1 was written before it was approved");
  });

  it("W12 takes the order of the log where what was kept elsewhere proves it, and says that the clock was set back; of no other log", async () => {
    const later = (at: string) => new Date(Date.parse(at) + 2 * 3_600_000).toISOString();
    const forger = whole.copy();
    let asked: Loose;
    forger
      .json("sign-offs.json", (all) => {
        [asked] = all;
        asked.asked_at = later(`${asked.asked_at}`);
      })
      .log((log) => {
        const entry = log.find(
          ({ action, details }) => action === "sign-off-asked" && details.signOff === asked.id,
        );
        Object.assign(entry as Loose, { at: asked.asked_at });
      });
    const folder = await forger.into(join(await mkdtemp(join(home, "one-")), "bundle"));
    const log = (await readFile(join(folder, "audit-log.jsonl"), "utf8")).trimEnd().split("\n");
    const entries = log.map((line): AuditEntry => JSON.parse(line));
    const behind =
      1 + entries.findIndex(({ at }, n) => Date.parse(at) > Date.parse(entries[n + 1]?.at ?? at));
    const manifest = await readFile(join(folder, "manifest.json"));
    const digests = [createHash("sha256").update(manifest).digest("hex"), entries.at(-1)?.hash];
    for (const digest of digests) {
      const { ok, checks } = await verifyBundle(folder, { digest });
      expect(checks.filter(({ passed }) => !passed)).toEqual([]);
      expect(ok).toBe(true);
      expect(checks.find(({ name }) => name === "audit log")?.message).toContain(
        `The machine's clock was set back by 120 minutes before entry ${behind + 1}:`,
      );
    }
    const headings = [
      [undefined, "its moments, and it is NOT anchored"],
      [entries[behind - 2]?.hash, "its moments, and it is NOT anchored"],
      ["0".repeat(64), "it is NOT the one that was announced or signed"],
    ] as const;
    for (const [digest, heading] of headings) {
      expect(await heads(folder, digest)).toContain(heading);
      const { ok, checks } = await verifyBundle(folder, { digest });
      expect(ok).toBe(false);
      expect(checks.find(({ name }) => name === "audit log")?.message).toContain(
        `Entry ${behind + 1} is older than the one before it`,
      );
    }
  });

  it("B11 W12 says of a bundle whether it contradicts itself, or is only not the one that was announced", async () => {
    const into = async (forger: Forger) =>
      forger.into(join(await mkdtemp(join(home, "one-")), "bundle"));
    const sound = await into(whole.copy());
    expect(await heads(sound)).toBe("Nothing in the bundle contradicts anything else in it.");
    expect(await heads(sound, "0".repeat(64))).toMatch(
      /^Nothing in the bundle .* it is NOT the one/u,
    );
    const forged = whole.copy();
    decidedBy("nadia")(forged);
    const folder = await into(forged.json("sign-offs.json", (all) => all.slice(1)));
    for (const digest of [undefined, "0".repeat(64)])
      expect(await heads(folder, digest)).toBe("The bundle does NOT hold: it contradicts itself.");
  });

  it("R9 notices that samples were emptied, and their verdicts taken out of the log", async () => {
    const found = await failures((forger) =>
      forger.json("samples.json", () => []).log(without("samples-judged")),
    );
    expect(found).toContain("samples: 20 rows had to be drawn as completed and were not");
  });

  it("R9 notices that the verdicts were taken out of both", async () => {
    const found = await failures((forger) =>
      forger
        .json("samples.json", (all) => {
          for (const each of all) {
            Object.assign(each, { verdict: null, wrong: null, judged_by: null, judged_at: null });
          }
        })
        .log(without("samples-judged")),
    );
    expect(found).toContain("sampled rows were judged");
  });

  it("R13 notices that verifications were taken out of every file", async () => {
    const found = await failures((forger) =>
      forger
        .json("verifications.json", () => [])
        .log((log) => without("final-verify")(without("verify")(log)))
        .json("waves.json", (all) => {
          for (const wave of all) Object.assign(wave, { verification: null, clean: null });
        }),
    );
    expect(found).toContain("was written before wave 1 was verified");
  });

  it("R14 notices that the drill was taken out of every file", async () => {
    const found = await failures((forger) => forger.remove("drill.json").log(without("drill")));
    expect(found).toContain("wave 2 was written before a rollback drill had passed");
  });

  it.each([
    ["rows_left_behind", 1],
    ["conflicts", 1],
    ["rows_differing", 1],
    ["verified_again", false],
  ])(
    "R14 notices a drill that passed, with %s as %s, told by log and record alike",
    async (name, value) => {
      const found = await failures((forger) =>
        forger
          .json("drill.json", ({ certificate }) => {
            certificate[name] = value;
          })
          .log((log) => {
            for (const entry of log.filter(({ action }) => action === "drill"))
              (entry.details as Loose)[name] = value;
          }),
      );
      expect(found).toContain("drill.json says another outcome than its numbers");
    },
  );

  it("W12 notices that waves were emptied, and their entries taken out of the log", async () => {
    const found = await failures((forger) =>
      forger.json("waves.json", () => []).log(without("commit")),
    );
    expect(found).toContain(
      "the rows of wave 1, round 1 is 0 in the log and 25 in commit-log.csv.gz",
    );
  });

  it("R15 notices a plan with larger waves", async () => {
    const found = await failures((forger) =>
      forger.json("summary.json", (summary) => {
        summary.pinned_to.wave_plan = [25, 250, 250, 250];
      }),
    );
    expect(found).toContain("is about another source, focus, plan, seed or starter");
  });

  it("W6 notices a row that was taken out of rows, balance, counts and report", async () => {
    const found = await failures((forger) =>
      forger.csv("rows.csv.gz", (rows) => rows.filter((row) => row[17] !== "failed")),
    );
    expect(found).toContain("balance: ");
    expect(found).toContain("review: the rows are not the ones of the review export");
  });

  it("W5 notices a starter who was exchanged in every file", async () => {
    const found = await failures((forger) =>
      forger
        .json("summary.json", (summary) => {
          summary.pinned_to.started_by = "approver";
        })
        .log((log) => {
          Object.assign(log[0] as Loose, { actor: "approver" });
        }),
    );
    expect(found).toContain("was approved by the one who started the run");
  });
});

describe("each thing that is looked at, told otherwise", () => {
  it.each(lies)("W12 notices %s", async (_, tell, found) => {
    expect(await failures(tell)).toMatch(found);
  });

  it.each(reviewLies)("W12 notices %s in a review export", async (_, tell, found) => {
    expect(await failures(() => {}, review)).toBe("");
    expect(await failures(tell, review)).toMatch(found);
  });
});

describe("files that others would read otherwise", () => {
  it.each(readOtherwise)("W12 notices %s in %s", async (_what, name, change) => {
    expect(change(whole.read(name))).not.toBe(whole.read(name));
    const found = await failures((forger) => forger.text(name, change));
    expect(found).toMatch(/^records: /);
    expect(found).toContain(name);
  });
});

describe("what a forged bundle can do to whoever verifies it", () => {
  it("never ends in a stack trace, whatever an entry holds", async () => {
    for (const details of [{}, { wave: {} }, { rows: 3, wrong: "x", signOff: [] }]) {
      const found = await failures((forger) =>
        forger.log((log) => {
          for (const entry of log) Object.assign(entry, { details });
        }),
      );
      expect(found).toContain("could not be looked at");
    }
  });

  it("shows no control characters of it", async () => {
    const found = await failures((forger) =>
      forger.json("summary.json", (summary) => {
        summary.pinned_to.migration = "\u001b[2J\u202eecoin";
      }),
    );
    const signed = await failures((forger) =>
      forger.json("sign-offs.json", (all) => {
        for (const each of all) each.gate = `\u001b]0;x\u0007${each.gate}`;
      }),
    );
    expect(signed).toContain("\ufffd]0;x\ufffd");
    expect(`${found}${signed}`.includes("\u001b")).toBe(false);
    expect(found).toContain("the migration is ecoin in the manifest and \ufffd[2J\ufffdecoin");
  });
});

/** Somebody else judged the first sampled row before whoever did: as the log of an engine that let that pass. */
const judgedBefore =
  (wrong: boolean, twice = false) =>
  (forger: Forger) =>
    forger.log((log) =>
      log.flatMap((each: Loose) => {
        if (each !== log.find(({ action }) => action === "samples-judged")) return [each];
        const row = each.details.rows[0];
        const others = wrong ? [{ stagedId: row, wrong: ["phone"] }] : [];
        const rows = wrong && !twice ? [] : [row];
        const { signOff } = each.details;
        const details = { signOff, right: rows.length, rows, wrong: others };
        return [{ ...each, actor: twice ? each.actor : "second", details }, each];
      }),
    );
describe("what one reviewer judged, and another after them", () => {
  it.each([
    [
      "R7 somebody takes back what another one judged wrong",
      judgedBefore(true),
      /judges row \d+, which second had judged wrong/u,
    ],
    [
      "W12 somebody says two things of one row",
      judgedBefore(true, true),
      /says two things of one row/u,
    ],
  ])("notices that %s", async (_, tell, says) => {
    expect(await failures(tell)).toMatch(says);
  });

  it("R9 says nothing where somebody judges again what another one judged right", async () => {
    expect(await failures(judgedBefore(false))).toBe("");
  });
});

it("W5 C5 notices that the log says something of the run that it is not pinned to", async () => {
  const found = await failures((forger) =>
    forger.log((log) => {
      const begun = log.find(({ action }) => action === "preflight") as Loose;
      begun.details.settings = ["since=2026-01-01T00:00:00Z"];
    }),
  );
  expect(found).toContain(
    'what was said of the run is ["since=2026-01-01T00:00:00Z"] in the log and [] in summary.json',
  );
});

describe("of a wave that was taken back", () => {
  let taken: SmallWorld;
  let back: Forger;
  beforeAll(async () => {
    taken = await wholeWorld();
    await rollback(taken.test.services, run, 2);
    const { folder } = await taken.bundle("back");
    expect((await verifyBundle(folder)).checks.filter(({ passed }) => !passed)).toEqual([]);
    back = await Forger.of(folder);
  });
  afterAll(() => taken.close());

  it.each([
    ["that it was not clean", { clean: false }, "is rolled_back and says otherwise"],
    ["another moment", { verified_at: "2026-11-21T10:00:00.000Z" }, "was verified at another"],
    ["that nobody looked", { verification: null }, "has another verification than"],
    [
      "that nobody looked, in every column",
      { verification: null, verified_at: null, clean: null },
      "is rolled_back and says otherwise",
    ],
  ])("W12 R13 notices of what was found before %s", async (_, lie, says) => {
    const last = (waves: Loose[]) => waves.at(-1);
    expect(
      await failures(
        (forger) => forger.json("waves.json", (all) => void Object.assign(last(all), lie)),
        back,
      ),
    ).toContain(says);
  });
});
