import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendAudit } from "../../lib/evidence/audit-log.ts";
import type { StepEvent } from "../../lib/services/services.ts";
import { reference, runId } from "../review/fixture.ts";
import { exportedForReview } from "./exported.ts";
import { asBefore, base, type RunsConsole, run, runsConsole } from "./runs-console.ts";

let at: RunsConsole;
let pages: string[];
/** The page of the sign-off that is asked for. */
let signOff: string;
beforeAll(async () => {
  at = await runsConsole();
  const { sign, clock } = at.world.services;
  const details = { what: "rollback", execution: `${runId}-preview-1-a` };
  const begun = { actor: "karim", action: "execution-started", details } as const;
  await appendAudit(sign, runId, begun, clock());
  const found = async (what: string) =>
    (
      await at.world.admin.query(
        `select ${what} as id from wavegate.sign_offs where run_id = '${runId}'`,
      )
    ).rows[0].id;
  signOff = `/sign-off/by-id/${await found("id")}`;
  const row = await found(
    `(select min(id) from wavegate.legacy_student_imports where run_id = '${runId}')`,
  );
  pages = [
    ...["rows", `rows/${row}`, "held", "mappings", "mappings/course", "questions", "features"],
    ...["audit", "rollback", `exports/${await exportedForReview(at.world)}`],
  ].map((each) => `${run}/${each}`);
});
afterAll(() => at.world.close());
asBefore(() => at);

const ended = (error: string): StepEvent => ({
  ...{ id: 9, at: "2026-11-20T10:00:00.000Z", type: "ExecutionFailed", error },
  because: { error, message: "The database was away. Nothing was written." },
});

/** Whoever may see each of them. */
const look = (path: string) => at.look(path, path.endsWith("rollback") ? "karim" : "amina");

describe("what stands above the pages of a run", () => {
  it("W13 R17 a look that failed is told, with why, on every page of its run and of its question", async () => {
    at.events = [ended("DatabaseUnavailable")];
    for (const path of [...pages, signOff]) {
      const body = await look(path);
      expect([path, body]).toEqual([path, expect.stringContaining("What was begun last failed:")]);
      expect([path, body]).toEqual([path, expect.stringContaining("The database was away.")]);
      expect(body).toContain(`href="${run}#machine">In which step</a>`);
    }
    // One that spared rows did what it may, and one that goes on has not failed.
    for (const events of [
      [ended("RollbackConflicts")],
      [{ ...ended(""), because: undefined }],
      [],
    ]) {
      at.events = events;
      for (const path of [...pages, signOff])
        expect([path, await look(path)]).not.toEqual([path, expect.stringContaining("begun last")]);
    }
  });

  it("W13 R17 that a run is halted is told, with why, on every page of it and of its question, and when on its own", async () => {
    const { admin, services } = at.world;
    const because = { error: "DatabaseUnavailable", message: "The database was away." };
    await admin.query(
      "update wavegate.legacy_import_runs set status = 'halted', halted_because = $1 where id = $2",
      [JSON.stringify(because), runId],
    );
    const halted = { actor: "wavegate", action: "halted", details: {} } as const;
    await appendAudit(services.sign, runId, halted, new Date("2026-11-20T10:00:07Z"));
    at.underWay = [];
    for (const path of [...pages, signOff]) {
      const body = await look(path);
      expect([path, body]).toEqual([
        path,
        expect.stringContaining("This run is halted. <bdi>The database was away.</bdi>"),
      ]);
      expect(body).toContain(`<a href="${run}">What may be done</a>`);
    }
    const own = await look(run);
    expect(own).toContain("Halted at 2026-11-20 10:00:07 UTC, because:");
    expect(own).not.toContain("This run is halted.");
    // A step that was tried alone since, and failed for the same reason, is told beside it.
    const details = { what: "commit", execution: `${runId}-commit-1` };
    const begun = { actor: "karim", action: "execution-started", details } as const;
    await appendAudit(services.sign, runId, begun, services.clock());
    at.events = [
      { id: 8, at: "2026-11-20T10:00:00.000Z", type: "TaskStateEntered", state: "Commit" },
    ];
    at.events.unshift(ended("DatabaseUnavailable"));
    expect(await look(run)).toContain("What was begun last failed in its step");
  });

  it("W13 R5 each page of a run leads to each other one, and says which it is", async () => {
    const open: Record<string, string | undefined> = {};
    for (const path of [run, ...pages]) {
      const body = await look(path);
      const [, nav = ""] =
        /<nav class="tabs" aria-label="Pages of this run">(.*?)<\/nav>/su.exec(body) ?? [];
      const to = [...nav.matchAll(/href="([^"]+)"/gu)].map(([, href]) => href);
      expect([path, to]).toEqual([
        path,
        ["", "/rows", "/held", "/mappings", "/questions", "/audit"].map((each) => run + each),
      ]);
      open[path.slice(run.length)] = /aria-current="page">([^<]*)</u.exec(nav)?.[1];
    }
    expect(open).toMatchObject({
      "": reference,
      "/rows": "Rows",
      "/held": "Held rows",
      "/audit": "Audit",
    });
    expect(open["/rollback"]).toBeUndefined();
    // Whoever is asked finds the run as well.
    expect(await look(signOff)).toContain(`href="${base}/runs/${reference}">${reference}</a>`);
  });
});
