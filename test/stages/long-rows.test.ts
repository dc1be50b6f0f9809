import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import {
  commit as commits,
  defineMigration,
  entity,
  insert,
  joined,
  table,
  text,
} from "../../lib/define/builders.ts";
import { lookOf } from "../../lib/evidence/pinned.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { partOfRow, wholeRow } from "../../lib/review/rows/row-record.ts";
import { stop } from "../../lib/review/steer/control.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { importAll, reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000a1201";
const names = ["a", "b", "c", "d"];
const fields = Object.fromEntries(names.map((name) => [name, text(name)]));
const written = Object.fromEntries(names.map((name) => [name, name]));
const columns = names.map((name) => `${name} text`).join(", ");

/** Things, and others that are made of them. */
const lengthy = defineMigration({
  name: "lengthy",
  title: "Long rows",
  connection: "legacy",
  source: { things: table({ integer: "no" }, ...names), twins: joined("things", {}) },
  entities: [
    entity("thing", {
      from: ["things"],
      fields,
      decide: {},
      actions: { thing: insert("things", written) },
      plan: [commits("thing")],
    }),
    entity("twin", {
      from: ["twins"],
      fields,
      decide: {},
      actions: { twin: insert("twins", written) },
      plan: [commits("twin")],
    }),
  ],
});

describe("W13 a row of several long texts, more than an answer of the Data API holds of one", () => {
  let test: TestServices;
  let folder: Awaited<ReturnType<typeof folderOf>>;

  beforeAll(async () => {
    test = await testServices({
      world: {
        migration: lengthy,
        platform: ["things", "twins"].map(
          (name) =>
            `create table ${name} (id bigint generated always as identity primary key, ${columns})`,
        ),
        legacy: "",
      },
    });
    folder = await folderOf(test, {
      things: [
        ["no", ...names],
        ["1", ...names.map((name) => name + "字".repeat(7_999))],
        ["2", ...names],
      ],
    });
  });
  afterAll(async () => {
    await test?.close();
    await folder?.remove();
  });

  it("W13 goes through every stage, and rows are made of it", async () => {
    await reviewedRun(test, run);
    await toTheEnd(test, run);
    await auditExport(test.services, run);
    for (const into of ["things", "twins"])
      expect(
        await test.query(`select length(a || b || c || d) as n from ${into} order by id`),
      ).toEqual([{ n: 32_000 }, { n: 4 }]);
  });

  it("W6 is explained and shown", async () => {
    const db = test.services.sign;
    const found = await findRun(db, run);
    await lookOf(db, found);
    const row = await explain(db, found, { table: "things", legacyId: "1" });
    expect(row).toBeDefined();
    const id = Number((row as { id?: number }).id ?? 1);
    const part = await partOfRow(db, found, id);
    if (part === undefined) throw new Error("There is no such row.");
    const whole = await wholeRow(db, part, found, id);
    expect(whole.fields.map(({ is }) => is?.length)).toEqual([8_000, 8_000, 8_000, 8_000]);
  });

  it("V6 rows are made of it in each run anew", async () => {
    const later = "7f3a0000-0000-4000-8000-0000000a1202";
    await stop(test.services.sign, run, "operator");
    await importAll(test, later);
    expect(
      await test.query(
        "select count(*)::int as n from wavegate.lengthy_twin_source where run_id = $1",
        [later],
      ),
    ).toEqual([{ n: 2 }]);
  });
});
