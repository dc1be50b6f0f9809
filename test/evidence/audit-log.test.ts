import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sql } from "../../lib/data/sql.ts";
import { type AuditEntry, appendAudit, verifyChain } from "../../lib/evidence/audit-log.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { runId, stageRun } from "./fixture.ts";
import { type Evidence, startEvidence } from "./support.ts";

const at = new Date("2026-11-20T10:00:00.000Z");

describe("the audit log", () => {
  let evidence: Evidence;
  beforeAll(async () => {
    evidence = await startEvidence();
    await stageRun(evidence.admin, evidence.services, []);
  });
  afterAll(() => evidence.close());
  beforeEach(async () => {
    // One query, so one transaction: the trigger that keeps the log is off in it only.
    await evidence.admin.query(
      "set local session_replication_role = replica; delete from wavegate.audit_log",
    );
  });

  const read = () => auditLog(evidence.services.stage, runId);

  it("W12 chains entries: each hash covers the entry and the hash before it", async () => {
    const { sign } = evidence.services;
    await appendAudit(sign, runId, { actor: "amina", action: "start", details: { rows: 3 } }, at);
    await appendAudit(
      sign,
      runId,
      { actor: "brahim", action: "sign-off", digest: "d1", details: {} },
      new Date("2026-11-20T11:00:00.000Z"),
    );
    // Computed apart from the code under test, with Python's hashlib and json.
    const first = "9ad44e61f03bb197299a7612027638ee9134d787323053d9103433adb1f1c9ed";
    const second = "eb35244765455f4dafea106a3b23a9cee3e2dcf57a1cb7d9768ae9d96446814b";
    expect(await read()).toEqual([
      {
        run_id: runId,
        seq: 1,
        at: "2026-11-20T10:00:00.000Z",
        actor: "amina",
        action: "start",
        digest: null,
        details: { rows: 3 },
        previous: "0".repeat(64),
        hash: first,
      },
      {
        run_id: runId,
        seq: 2,
        at: "2026-11-20T11:00:00.000Z",
        actor: "brahim",
        action: "sign-off",
        digest: "d1",
        details: {},
        previous: first,
        hash: second,
      },
    ]);
  });

  it("W12 keeps one unbroken chain when twenty append at once, as either role", async () => {
    const { stage } = evidence.services;
    const commit = evidence.services.commitOf("ecoin");
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        appendAudit(
          n % 2 ? stage : commit,
          runId,
          { actor: "wavegate", action: "test", details: { n } },
          at,
        ),
      ),
    );
    const entries = await read();
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(verifyChain(entries)).toMatchObject({ ok: true, entries: 20 });
  });

  it("W12 each run of a database has a chain of its own, from 1", async () => {
    const { stage } = evidence.services;
    const another = "7f3a0000-0000-4000-8000-000000000002";
    await evidence.admin.query(
      `insert into wavegate.legacy_import_runs
         select (jsonb_populate_record(r, $2)).* from wavegate.legacy_import_runs r where id = $1`,
      [runId, JSON.stringify({ id: another, reference: "ecoin-20261120-7f3b" })],
    );
    const noted = (run: string, n: number) =>
      appendAudit(stage, run, { actor: "wavegate", action: "test", details: { n } }, at);
    for (const [run, n] of [
      [runId, 1],
      [runId, 2],
      [another, 3],
      [runId, 4],
    ] as const)
      await noted(run, n);

    const entries = await auditLog(stage, another);
    expect(entries.map(({ seq, previous, details }) => [seq, previous, details])).toEqual([
      [1, "0".repeat(64), { n: 3 }],
    ]);
    expect((await read()).map(({ seq, details }) => [seq, details])).toEqual([
      [1, { n: 1 }],
      [2, { n: 2 }],
      [3, { n: 4 }],
    ]);
    expect(verifyChain(entries).ok && verifyChain(await read()).ok).toBe(true);
  });

  it("W12 an entry appended inside a transaction stands and falls with it", async () => {
    const commit = evidence.services.commitOf("ecoin");
    const event = { actor: "wavegate", action: "commit", details: { wave: 1 } };
    await commit.transaction(async (db) => {
      await appendAudit(db, runId, event, at);
      await appendAudit(db, runId, { ...event, details: { wave: 2 } }, at);
    });
    const failing = commit.transaction(async (db) => {
      await appendAudit(db, runId, { ...event, details: { wave: 3 } }, at);
      throw new Error("the wave failed");
    });
    await expect(failing).rejects.toThrow("the wave failed");
    const entries = await read();
    expect(entries.map(({ details }) => details)).toEqual([{ wave: 1 }, { wave: 2 }]);
    expect(verifyChain(entries).ok).toBe(true);
  });

  it("W12 nobody changes or removes an entry, not even its owner", async () => {
    const { sign } = evidence.services;
    await appendAudit(sign, runId, { actor: "amina", action: "start", details: {} }, at);
    const change = sign.execute(sql`update wavegate.audit_log set actor = 'someone else'`);
    await expect(change).rejects.toThrow();
    const owner = evidence.admin.query("delete from wavegate.audit_log");
    await expect(owner).rejects.toThrow("append-only");
    expect((await read())[0]?.actor).toBe("amina");
  });

  it("W13 keeps hostile texts as PostgreSQL can store them, so that the chain still verifies", async () => {
    const details = {
      comment: "nul \0 half \ud800 quote \" ' \\ ; drop table x; \u2028 😀",
      number: 1e21,
      float: 0.1,
      nothing: undefined,
      ["__proto__"]: "x",
      list: [null, { deep: "\0" }],
    };
    const { sign } = evidence.services;
    await appendAudit(sign, runId, { actor: "am\0ina", action: "test", details }, at);
    const entries = await read();
    expect(verifyChain(entries).ok).toBe(true);
    expect(entries[0]).toMatchObject({
      actor: "amina",
      details: {
        comment: "nul  half \ufffd quote \" ' \\ ; drop table x; \u2028 😀",
        list: [null, { deep: "" }],
      },
    });
  });

  it("W14 refuses personal data in details and writes nothing", async () => {
    const { sign } = evidence.services;
    const details = { rows: [{ full_name: "Sara Benali" }] };
    const append = appendAudit(sign, runId, { actor: "amina", action: "test", details }, at);
    await expect(append).rejects.toMatchObject({ name: "PersonalDataInAudit" });
    expect(await read()).toEqual([]);
    // A count by that name is none.
    await appendAudit(sign, runId, { actor: "amina", action: "test", details: { phone: 3 } }, at);
    expect(await read()).toHaveLength(1);
  });
});

describe("verifyChain", () => {
  let chain: AuditEntry[];
  let evidence: Evidence;
  beforeAll(async () => {
    evidence = await startEvidence();
    await stageRun(evidence.admin, evidence.services, []);
    for (const n of [1, 2, 3, 4]) {
      await appendAudit(
        evidence.services.sign,
        runId,
        { actor: "amina", action: "test", details: { n } },
        at,
      );
    }
    chain = await auditLog(evidence.services.stage, runId);
  });
  afterAll(() => evidence.close());

  const changed = (index: number, change: Partial<AuditEntry>) =>
    chain.map((entry, n) => (n === index ? { ...entry, ...change } : entry));

  it("W12 accepts what was written, and an empty log", () => {
    expect(verifyChain(chain)).toEqual({ ok: true, head: chain[3]?.hash, entries: 4 });
    expect(verifyChain([])).toEqual({ ok: true, head: "0".repeat(64), entries: 0 });
  });

  it("W12 finds a removed entry", () => {
    expect(verifyChain(chain.filter((_, n) => n !== 1))).toMatchObject({ ok: false, at: 2 });
    expect(verifyChain(chain.slice(1))).toMatchObject({ ok: false, at: 1 });
  });

  it("W12 finds a removed entry although the rest was numbered anew", () => {
    const renumbered = chain
      .filter((_, n) => n !== 1)
      .map((entry, n) => ({ ...entry, seq: n + 1 }));
    expect(verifyChain(renumbered)).toMatchObject({ ok: false, at: 2 });
  });

  it.each([
    ["actor", { actor: "mallory" }],
    ["time", { at: "2027-01-01T00:00:00.000Z" }],
    ["action", { action: "nothing" }],
    ["digest", { digest: "other" }],
    ["details", { details: { n: 99 } }],
    ["hash", { hash: "f".repeat(64) }],
    ["link to the one before", { previous: "f".repeat(64) }],
    ["run", { run_id: "7f3a0000-0000-4000-8000-000000000099" }],
  ])("W12 finds a changed %s", (_, change) => {
    expect(verifyChain(changed(2, change))).toMatchObject({ ok: false, at: 3 });
  });

  it("W12 finds entries that were exchanged, and one that was inserted", () => {
    const [first, second, third, fourth] = chain as [
      AuditEntry,
      AuditEntry,
      AuditEntry,
      AuditEntry,
    ];
    expect(verifyChain([first, third, second, fourth])).toMatchObject({ ok: false, at: 2 });
    expect(verifyChain([first, second, second, third, fourth])).toMatchObject({ ok: false, at: 3 });
  });
});
