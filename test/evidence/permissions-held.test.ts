import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../lib/evidence/audit-chain.ts";
import { permissionsHeld } from "../../lib/evidence/verify/compare/permissions.ts";
import type { Facts } from "../../lib/evidence/verify/facts.ts";
import { actOf } from "../../lib/review/people/acts.ts";

const at = (minute: number) => `2026-11-20T10:${`${minute}`.padStart(2, "0")}:00.000Z`;
const entry = (minute: number, actor: string, action: string, details: object = {}) =>
  ({ seq: minute, at: at(minute), actor, action, details }) as unknown as AuditEntry;
const all = (words: string) =>
  words
    .split(" ")
    .filter(Boolean)
    .map((each) => `legacy_imports.${each}`);
/** `minute given|taken person: what was changed -> what is held`. */
const change = (text: string) => {
  const [, minute = "", word, person, changed = "", holds = ""] =
    /^(\d+) (given|taken) (\S+): (.*) -> ?(.*)$/u.exec(text) ?? [];
  const details = { person, permissions: all(changed), holds: all(holds) };
  return entry(Number(minute), "administrator", `permissions-${word}`, details);
};
const found = (changes: readonly string[], told: AuditEntry) =>
  permissionsHeld({
    facts: { log: [told], security: changes.map(change) } as unknown as Facts,
  }).length;

describe("W8 W12 whoever decided held the permission, as the security log tells", () => {
  const approved = entry(30, "karima", "sign-off-approved");

  it.each([
    ["nothing is told of them", []],
    ["it was given before", ["10 given karima: view commit -> view commit"]],
    ["it was given to them in other letters", ["10 given KARIMA: commit -> commit"]],
    [
      "it was taken afterwards",
      ["10 given karima: commit -> commit", "40 taken karima: commit ->"],
    ],
    ["something else was given afterwards", ["40 given karima: run -> run commit"]],
    ["it is only taken, afterwards", ["40 taken karima: commit -> view"]],
    [
      "it was taken within what clocks differ by",
      ["10 given karima: commit -> commit", "30 taken karima: commit ->"],
    ],
    [
      "it was taken before, by less than clocks differ",
      ["10 given karima: commit -> commit", "29 taken karima: commit ->"],
    ],
    ["something else is taken, afterwards, and it is left", ["40 taken karima: view -> commit"]],
    ["it was taken from somebody else", ["10 taken nadia: commit ->"]],
    ["it came back", ["10 taken karima: commit ->", "20 given karima: commit -> commit"]],
  ])("says nothing where %s", (_, changes) => {
    expect(found(changes, approved)).toBe(0);
  });

  it("says nothing of what older changes tell, which do not say what was held then", () => {
    const { details, ...taken } = change("20 taken karima: commit ->");
    const { holds: _, ...older } = details;
    const security = [{ ...taken, details: older }];
    expect(permissionsHeld({ facts: { log: [approved], security } as unknown as Facts })).toEqual(
      [],
    );
  });

  it.each([
    ["it was given afterwards", ["40 given karima: commit -> view commit"]],
    [
      "it was taken before",
      ["10 given karima: commit -> commit", "20 taken karima: commit -> view"],
    ],
    ["they were given other ones afterwards", ["40 given karima: view -> view"]],
    ["they were never given it", ["10 given karima: view review -> view review"]],
    ["they were gone", ["20 taken karima: view commit ->"]],
    [
      "they came back without it",
      ["10 taken karima: view commit ->", "20 given karima: view -> view"],
    ],
  ])("notices that %s", (_, changes) => {
    expect(found(changes, approved)).toBe(1);
  });

  it.each([
    ["sign-off-rejected", {}, "commit"],
    ["stops-overridden", {}, "commit"],
    ["samples-judged", {}, "review"],
    ["mappings-decided", {}, "review"],
    ["row-held", {}, "review"],
    ["row-released", {}, "review"],
    ["rows-searched", {}, "review"],
    ["pause", {}, "run"],
    ["resume", {}, "run"],
    ["stop", {}, "run"],
    ["erase", {}, "rollback"],
    ["feature", { percentage: 5 }, "commit"],
    ["restored", {}, "rollback"],
    ["execution-started", { what: "rollback" }, "rollback"],
    ["execution-started", { what: "drill" }, "commit"],
    ["execution-started", { what: "validate" }, "validate"],
    ["execution-started", { what: "run" }, "run"],
  ])("of %s %j it takes %s", (action, details, permission) => {
    const told = entry(30, "karima", action, details);
    const others = ["view", "run", "validate", "review", "commit", "rollback"]
      .filter((each) => each !== permission)
      .join(" ");
    expect(found([`10 given karima: ${permission} -> ${permission}`], told)).toBe(0);
    expect(found([`10 given karima: ${others} -> ${others}`], told)).toBe(1);
  });

  const enough = (action: string, details: object) =>
    ["view", "run", "validate", "review", "commit", "rollback"].filter(
      (each) =>
        found([`10 given karima: ${each} -> ${each}`], entry(30, "karima", action, details)) === 0,
    );
  it.each([
    ["verdict-undone", {}, ["review"]],
    ["rows-judged-anew", {}, ["review"]],
    ["question-asked", {}, ["review", "commit"]],
    ["question-closed", {}, ["review", "commit"]],
    ["export-downloaded", {}, ["review", "commit"]],
    ["feature", { percentage: 0 }, ["commit", "rollback"]],
    ["restore-begun", {}, ["rollback"]],
    ["restore-failed", {}, ["rollback"]],
    ["execution-started", { what: "anything else" }, []],
  ])("of %s %j each of %j is enough", (action, details, permissions) => {
    expect(enough(action, details)).toEqual(permissions);
  });

  const alone = [
    ...["import", "validate", "classify", "match", "dry-run", "verify", "final-verify"],
    ...["export-review", "export-audit", "sign-off", "drill"],
  ].map((only) => actOf("migration", { only }));
  const whole = [actOf("migration", {}), actOf("migration", { trial: 5 })];
  it.each([...alone, ...whole, actOf("wave", {}), actOf("rollback", {})])(
    "of an execution that does $what what asking for it takes is enough",
    ({ what, takes }) => {
      // A wave that a run itself began has the permission of its run.
      const wanted = [...takes, ...(what === "commit" ? ["legacy_imports.run"] : [])];
      expect(all(enough("execution-started", { what }).join(" ")).sort()).toEqual(wanted.sort());
    },
  );
});

describe("W8 W12 a wave is written while those whom its approval rests on may decide", () => {
  const wave = (day: string, override: string | null, changes: readonly string[]) => {
    const approval = entry(30, "karima", "sign-off-approved", { signOff: "s", override });
    const commit = entry(45, "wavegate", "commit", { wave: 4, sign_off: "s" });
    const log = [approval, { ...commit, at: commit.at.replace("2026-11-20", day) }];
    const security = changes.map((text) => {
      const each = change(text);
      return { ...each, at: /^4/u.test(text) ? each.at.replace("2026-11-20", day) : each.at };
    });
    return permissionsHeld({ facts: { log, security } as unknown as Facts });
  };
  const given = ["10 given karima: commit -> commit", "10 given nadia: commit -> commit"];

  it.each<[string, string | null, string[], string[]]>([
    ["nobody lost it", "nadia", [], []],
    [
      "its approver lost it",
      null,
      ["40 taken karima: commit ->"],
      ["wave 4 was written when karima might not decide"],
    ],
    [
      "whoever overrode lost it",
      "nadia",
      ["40 taken nadia: commit -> view"],
      ["wave 4 was written when nadia might not decide"],
    ],
    ["somebody else lost it", null, ["40 taken nadia: commit ->"], []],
    ["it was lost within what clocks differ by", null, ["45 taken karima: commit ->"], []],
  ])("where %s", (_, override, changes, says) => {
    expect(wave("2026-12-01", override, [...given, ...changes])).toEqual(says);
  });

  it("says nothing of waves from before that was looked at", () => {
    expect(wave("2026-11-27", null, [...given, "40 taken karima: commit ->"])).toEqual([]);
  });
});

describe("W8 W12 what a person does is told in a person's name", () => {
  it.each([
    ["sign-off-approved", {}],
    ["stops-overridden", {}],
    ["samples-judged", {}],
    ["mappings-decided", {}],
    ["row-released", {}],
    ["question-closed", {}],
    ["export-downloaded", {}],
    ["pause", {}],
    ["resume", {}],
    ["stop", {}],
    ["feature", { percentage: 100 }],
    ["feature", {}],
    ["erase", {}],
    ["restore-begun", {}],
    ["restored", {}],
    ["execution-started", { what: "rollback" }],
  ])("notices %s %j of nobody", (action, details) => {
    expect(found([], entry(30, "wavegate", action, details))).toBe(1);
  });

  it.each([
    ["feature", { percentage: 0 }],
    ["erase", { days: 90 }],
    ["erased", {}],
    ["paused", {}],
    ["dry-run", {}],
    ["constructor", {}],
  ])("says nothing of %s %j, which the engine does", (action, details) => {
    expect(found([], entry(30, "wavegate", action, details))).toBe(0);
  });

  it.each([{}, { what: "nonsense" }, { what: "constructor" }, { what: null }])(
    "notices an execution that did %j",
    (details) => {
      expect(found([], entry(30, "karima", "execution-started", details))).toBe(1);
    },
  );

  it("notices that who may only take back turned a feature on", () => {
    const may = ["10 given karima: rollback -> rollback"];
    expect(found(may, entry(30, "karima", "feature", { percentage: 1 }))).toBe(1);
    expect(found(may, entry(30, "karima", "feature", { percentage: 0 }))).toBe(0);
  });
});
