import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import {
  addPerson,
  listPeople,
  permissions,
  removePerson,
} from "../../lib/review/people/people.ts";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { askAbout, closeQuestion, questionsOf } from "../../lib/review/samples/questions.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { refusal } from "../support/steps.ts";
import { completed, review, runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

let world: World;
let signOff: string;
/** Staged ids, in order. */
let rows: readonly number[];

beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(3));
  await review(world);
  const asked = await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  signOff = asked.kind === "asked" ? asked.signOff : "";
  const found = await world.admin.query(
    `select id::int from wavegate.legacy_student_imports where run_id = '${runId}' order by 1`,
  );
  rows = found.rows.map(({ id }) => id);
  await addPerson(world.administrator, {
    name: "rita",
    email: "rita@example.com",
    permissions: ["legacy_imports.view", "legacy_imports.review"],
  });
  const verdicts = rows.map((stagedId) => ({ stagedId, wrong: [] }));
  await judgeSamples(world.services, { ref: { id: signOff }, person: "amina", verdicts });
});
afterEach(() => world.close());

const run = () => findRun(world.services.sign, runId);
const asks = async (person: string, says = "Is this one person?", row = rows[0] as number) =>
  askAbout(world.services.sign, await run(), { row, person, says });
const closes = async (person: string, question: number, reason = "") =>
  closeQuestion(world.services.sign, await run(), { question, person, reason });
const approves = (person: string) =>
  decide(world.services, { ref: { id: signOff }, person, decision: "approve", comment: "" });
const status = async () =>
  (await world.admin.query(`select status from wavegate.sign_offs where run_id = '${runId}'`))
    .rows[0].status;

describe("B9 a comment on a row asks", () => {
  it("reviewers and approvers ask, nobody else, with words, and about a row that is there", async () => {
    expect(await refusal(asks("vera"))).toBe("PermissionDenied");
    expect(await refusal(asks("nobody"))).toBe("PermissionDenied");
    expect(await refusal(asks("rita", " \n "))).toBe("QuestionMissing");
    expect(await refusal(asks("rita", "Who?", 999_999_999))).toBe("UnknownRow");
    expect(await asks("rita")).toBe(1);
    expect(await asks("amina", "And the phone?", rows[1])).toBe(2);
    expect(await questionsOf(world.services.sign, runId)).toMatchObject([
      {
        number: 2,
        row: rows[1],
        by: "amina",
        says: "And the phone?",
        closedBy: null,
        answer: null,
      },
      { number: 1, row: rows[0], by: "rita", says: "Is this one person?", closedAt: null },
    ]);
    expect(await questionsOf(world.services.sign, runId, { row: rows[1] as number })).toHaveLength(
      1,
    );
  });

  it.each([
    ["an e-mail address", "Is sara.benali@example.com hers?"],
    ["a phone number", "Is +213 559 44 61 68 hers?"],
    ["the name of somebody who is migrated", "Is Sara Benali the one?"],
  ])("W14 a question holds nothing of the people: %s", async (_what, says) => {
    await world.admin.query(
      `update wavegate.legacy_student_imports_source set name_key = 'benali sara' where run_id = '${runId}'`,
    );
    expect(await refusal(asks("rita", says))).toBe("PersonalDataInRemark");
    expect(await questionsOf(world.services.sign, runId)).toEqual([]);
    await asks("rita");
    expect(await refusal(closes("amina", 1, says))).toBe("PersonalDataInRemark");
  });

  it("the very same question twice is one, and is told of once", async () => {
    expect([await asks("rita"), await asks("rita"), await asks("amina")]).toEqual([1, 1, 2]);
    const { rows: told } = await world.admin.query(
      `select actor, details from wavegate.audit_log where run_id = '${runId}' and action = 'question-asked' order by seq`,
    );
    const details = { row: rows[0], comment: "Is this one person?" };
    expect(told).toEqual([
      { actor: "rita", details: { ...details, question: 1 } },
      { actor: "amina", details: { ...details, question: 2 } },
    ]);
    // One that was closed is no answer to who asks again.
    await closes("rita", 1);
    expect(await asks("rita")).toBe(3);
  });
});

describe("B9 an open question blocks approval", () => {
  it("until who asked closes it, with or without words", async () => {
    await asks("rita");
    expect(await refusal(approves("amina"))).toBe("QuestionOpen");
    await expect(approves("amina")).rejects.toThrow(
      `1 question about a row is open: 1 of rita, about row ${rows[0]}. Nothing was decided.`,
    );
    expect(await status()).toBe("pending");
    await closes("rita", 1);
    await approves("amina");
    expect(await status()).toBe("approved");
  });

  it("or an approver closes it, with a reason; neither other reviewers nor the starter", async () => {
    await asks("rita");
    await addPerson(world.administrator, {
      name: "rosa",
      email: "rosa@example.com",
      permissions: ["legacy_imports.review"],
    });
    expect(await refusal(closes("rosa", 1, "It is."))).toBe("PermissionDenied");
    expect(await refusal(closes("vera", 1, "It is."))).toBe("PermissionDenied");
    expect(await refusal(closes("karim", 1, "It is."))).toBe("ApproverIsStarter");
    expect(await refusal(closes("amina", 1, "  "))).toBe("ReasonMissing");
    expect(await refusal(closes("amina", 7, "It is."))).toBe("UnknownQuestion");
    expect(await refusal(approves("amina"))).toBe("QuestionOpen");
    await closes("amina", 1, "It is one person.");
    expect(await refusal(closes("amina", 1, "Again."))).toBe("QuestionClosed");
    await approves("amina");
    const { rows: told } = await world.admin.query(
      `select actor, action, details from wavegate.audit_log where run_id = '${runId}' and action like 'question%' order by seq`,
    );
    expect(told[1]).toEqual({
      actor: "amina",
      action: "question-closed",
      details: { row: rows[0], question: 1, reason: "It is one person." },
    });
  });

  it.each(["KARIM", "arn:aws:sts::1:assumed-role/people/karim", "Karim@example.com"])(
    "W8 the starter is known in whatever way the platform names them: %s",
    async (starter) => {
      await world.admin.query("alter table wavegate.legacy_import_runs disable trigger user");
      await world.admin.query(
        `update wavegate.legacy_import_runs set started_by = $1 where id = '${runId}'`,
        [starter],
      );
      await asks("rita");
      expect(await refusal(closes("karim", 1, "It is."))).toBe("ApproverIsStarter");
      await closes("amina", 1, "It is.");
    },
  );

  it("W8 as long as nobody knows who started the run, nobody closes another one's question", async () => {
    await world.admin.query("alter table wavegate.legacy_import_runs disable trigger user");
    await world.admin.query(
      `update wavegate.legacy_import_runs set started_by = null where id = '${runId}'`,
    );
    await asks("rita");
    expect(await refusal(closes("karim", 1, "It is."))).toBe("StarterUnknown");
    expect(await refusal(closes("amina", 1, "It is."))).toBe("StarterUnknown");
    await closes("rita", 1);
  });

  it("the starter may ask, and close what they asked", async () => {
    await asks("karim");
    await closes("karim", 1);
    expect(await questionsOf(world.services.sign, runId)).toMatchObject([{ closedBy: "karim" }]);
  });

  it("a question about any row of the run does, and one that blocks no rejection", async () => {
    await asks("rita", "What of this?", rows[2]);
    const decision = { decision: "reject", comment: "Not yet." } as const;
    await decide(world.services, { ref: { id: signOff }, person: "amina", ...decision });
    expect(await status()).toBe("rejected");
  });

  it("whoever writes the approval: the database refuses it", async () => {
    await asks("rita");
    const approval = `update wavegate.sign_offs set status = 'approved', decided_by = 'amina' where run_id = '${runId}'`;
    await expect(world.admin.query(approval)).rejects.toThrow(
      "a question about a row of this run is open",
    );
    const another = `insert into wavegate.sign_offs (id, run_id, gate, digest, status)
      values (gen_random_uuid(), '${runId}', 'scale_up', 'x', 'approved')`;
    await expect(world.admin.query(another)).rejects.toThrow("is open");
    await closes("rita", 1);
    await world.admin.query(approval);
  });

  it("one that is asked while somebody approves waits for the decision, or is seen by it", async () => {
    // The approval has looked, and is about to write.
    await world.admin.query("begin");
    await world.admin.query(
      `select from wavegate.sign_offs where run_id = '${runId}' and status = 'pending' for update`,
    );
    let asked = false;
    const asking = asks("rita").then(() => {
      asked = true;
    });
    const approving = approves("amina").catch((error: Error) => error.name);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(asked).toBe(false);
    await world.admin.query("commit");
    await asking;
    // Whichever came first: no approval stands that was given while the question was open.
    expect([
      ["QuestionOpen", "pending"],
      [undefined, "approved"],
    ]).toContainEqual([
      typeof (await approving) === "string" ? await approving : undefined,
      await status(),
    ]);
  });
});

describe("W8 whoever started a run is no second person under another name or account", () => {
  const put = (name: string, email: string) =>
    addPerson(world.administrator, { name, email, permissions });
  const gone = (name: string) => removePerson(world.administrator, name);

  it.each<[string, string, () => Promise<unknown>]>([
    ["a second account at one address", "kb", () => put("kb", "KARIM@example.com")],
    ["one at the same mailbox", "kb", () => put("kb", "Karim+approver@Example.com")],
    [
      "one whose name is an address of the same mailbox",
      "karim+2@example.com",
      () => put("karim+2@example.com", "other@example.com"),
    ],
    [
      "one at a mailbox whose provider reads no dots",
      "kb",
      async () => {
        await put("karim", "k.arim@gmail.com");
        await put("kb", "ka.rim+x@googlemail.com");
      },
    ],
    [
      "an account that was taken away and given under another name",
      "kb",
      async () => {
        await gone("karim");
        await put("kb", "karim@example.com");
      },
    ],
    [
      "the same, behind a change of the address",
      "kb",
      async () => {
        await put("karim", "kb@example.com");
        await gone("karim");
        await put("kb", "kb@example.com");
      },
    ],
    [
      "an account by a name that looks like it, behind it",
      "kаrim",
      async () => {
        await gone("karim");
        await put("kаrim", "other@example.com");
      },
    ],
    [
      "an account whose name is the address",
      "karim@example.com",
      () => put("karim@example.com", "other@example.com"),
    ],
    [
      "an account at the address of one at the address, which is gone",
      "third",
      async () => {
        await put("kb", "karim@example.com");
        await put("kb", "kb@example.com");
        await gone("kb");
        await put("third", "kb@example.com");
      },
    ],
    [
      "the same row of the table, by another name",
      "kb",
      () => world.admin.query("update wavegate.people set name = 'kb' where name = 'karim'"),
    ],
  ])("%s", async (_what, name, becomes) => {
    await asks("rita");
    await becomes();
    const verdicts = rows.map((stagedId) => ({ stagedId, wrong: [] }));
    const judged = judgeSamples(world.services, { ref: { id: signOff }, person: name, verdicts });
    expect(await refusal(judged)).toBe("ApproverIsStarter");
    expect(await refusal(closes(name, 1, "It is."))).toBe("ApproverIsStarter");
    expect(await refusal(approves(name))).toBe("ApproverIsStarter");
    await expect(approves(name)).rejects.toThrow(
      "This run was started under another name or address that is, or was, yours, so somebody else decides about it. Nothing was changed.",
    );
    expect(await status()).toBe("pending");
    // Nobody is asked for themselves.
    const before = world.outbox.length;
    await ask(world.services, { run: runId, gate: "first_wave", token: "task-2" });
    const asked = world.outbox
      .slice(before)
      .flatMap(({ to }) => to)
      .sort();
    expect(asked).toEqual(["amina@example.com", "brahim@example.com", "lina@example.com"]);
    await closes("lina", 1, "It is.");
  });

  it("others are told apart as before, by names and addresses of their own", async () => {
    await put("karima", "karima@example.com");
    await put("a.mina", "a.mina@example.com");
    await put("plus", "karim@+.example.com");
    const known = (await listPeople(world.services.sign)).filter((each) => "known" in each);
    expect(known).toEqual([]);
    await asks("rita");
    await closes("karima", 1, "It is.");
  });
});
