import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Pin } from "../../lib/compile/pin/pin.ts";
import type { Database } from "../../lib/data/database.ts";
import { raw, render, type Sql, sql } from "../../lib/data/sql.ts";
import type { BundleWriter } from "../../lib/evidence/bundle.ts";
import { writeMappings } from "../../lib/evidence/mappings.ts";
import { lines, RECORDS_OF_PAGE } from "../../lib/evidence/pages.ts";
import { type Evidence, startEvidence } from "./support.ts";

describe("lines", () => {
  let evidence: Evidence;
  beforeEach(async () => {
    evidence = await startEvidence();
  });
  afterEach(() => evidence.close());

  const pagesOf = (line: string, bounds: readonly number[]) => ({
    bounds: raw(`select b as up_to from unnest(array[${bounds.join(", ")}]) b`),
    lines: (after: number, upTo: number) => sql`
      select n::bigint as id, ${raw(line)} as line from generate_series(-60, 700) n
       where n > ${after} and n <= ${upTo}`,
  });

  async function read(line: string, bounds: readonly number[]) {
    const statements: Sql[] = [];
    const stage = evidence.services.stage;
    const db = {
      ...stage,
      rows: <Row>(statement: Sql) => {
        statements.push(statement);
        return stage.rows<Row>(statement);
      },
    };
    let text = "";
    let rows = 0;
    let pieces = 0;
    for await (const chunk of lines(db, pagesOf(line, bounds), { atATime: 2 })) {
      text += chunk.text;
      rows += chunk.rows;
      pieces += 1;
    }
    return { text, rows, pieces, answers: statements.length - 1 };
  }

  const keys = Array.from({ length: 761 }, (_, index) => index - 60);

  it("R10 come once each and in order, keys below zero too, in one answer a page, each in one piece", async () => {
    const { text, rows, answers, pieces } = await read("n || ';'", [-1, 300, 700]);
    expect(text).toBe(keys.map((key) => `${key};`).join(""));
    expect({ rows, answers, pieces }).toEqual({ rows: 761, answers: 3, pieces: 3 });
  });

  it("R10 B11 of a page without lines there is no piece: whoever drops the first line's comma would take it from nothing", async () => {
    const none = { text: "", rows: 0, pieces: 0 };
    expect(await read("n || ';'", [-200, -100])).toMatchObject(none);
    const { text, pieces } = await read("n || ';'", [-200, -100, -58, 800, 900]);
    expect(text).toBe(keys.map((key) => `${key};`).join(""));
    expect(pieces).toBe(2);
  });

  it("R10 of any length and any content stay within a row and an answer of the Data API, in order", async () => {
    // The stand-in refuses a row past 64 KB and an answer past 1 MiB, as the Data API does.
    const line = `n || case when n % 190 = 0 then repeat('é', 700000) when n % 7 = 0 then repeat('"', 19990) when n % 11 = 0 then repeat('x', 65000)
      when n % 13 = 0 then repeat(E'\\u0001', 19990) when n % 17 = 0 then repeat('é', 10020) else '' end || ';'`;
    const { text, rows, answers } = await read(line, [300, 700]);
    expect(text.split(";").map((found) => Number.parseInt(found, 10))).toEqual([
      ...keys,
      Number.NaN,
    ]);
    expect(rows).toBe(761);
    expect(answers).toBeGreaterThan(5);
  });

  it("R10 W13 are asked for as they are written: of a file of any size two answers are under way, and one is written", async () => {
    const bounds = Array.from({ length: 40 }, (_, page) => page * 10);
    let asked = 0;
    const db = {
      ...evidence.services.stage,
      rows: async <Row>(statement: Sql) => {
        if (render(statement).sql.includes("up_to"))
          return bounds.map((up_to) => ({ up_to })) as Row[];
        asked++;
        return [{ text: "a line;", rows: 1 }] as Row[];
      },
    };
    let written = 0;
    let most = 0;
    for await (const chunk of lines(db, pagesOf("n", bounds), { atATime: 2 })) {
      written += chunk.rows;
      most = Math.max(most, asked - written);
    }
    expect({ asked, written, most }).toEqual({ asked: 40, written: 40, most: 2 });
    // What memory was measured with: an answer is held as bytes, as text and as what is read of it.
    expect(RECORDS_OF_PAGE).toBeLessThanOrEqual(2_000);
  });

  it("R10 a line that no answer can hold comes in pieces, whole and in its place: it is never left out, and never cut", async () => {
    const line = "n || case n when 5 then repeat('x', 1000000) else '' end || ';'";
    const [short, long] = ["", "y".repeat(70_000)];
    for (const behind of [short, long]) {
      const { text, rows } = await read(`${line} || repeat('y', ${behind.length})`, [-40, 20]);
      expect(rows).toBe(81);
      const whole = keys
        .slice(0, 81)
        .map((key) => `${key}${key === 5 ? "x".repeat(1_000_000) : ""};${behind}`);
      expect(text === whole.join("")).toBe(true);
    }
  });
});

describe("mappings", () => {
  let evidence: Evidence;
  beforeEach(async () => {
    evidence = await startEvidence();
  });
  afterEach(() => evidence.close());

  it.each([
    ["numbers beyond what Node has exactly", "bigint", "9007199254740000 + n * 3 - 9000"],
    [
      "texts, by the order that their column has",
      "text",
      "case n % 3 when 0 then 'Été ' when 1 then '' else 'a_' end || n",
    ],
    [
      "texts, of which those that end a page are long",
      "text",
      "lpad(n::text, 5, '0') || case when n % 2000 = 0 then repeat('x', 8000) else '' end",
    ],
  ])(
    "R10 W3 with %s come once each and in order, and no page reads another one's",
    async (_, type, key) => {
      const run = "7b1c2a66-0000-4000-8000-000000000001";
      await evidence.admin.query(`
      create table wavegate.some_things (run_id uuid, thing ${type}, label text, primary key (run_id, thing));
      insert into wavegate.some_things select r, ${key}, 'label ' || n
        from generate_series(1, 6500) n, unnest(array['${run}', gen_random_uuid()]::uuid[]) r order by random();
      analyze wavegate.some_things;
      grant select on wavegate.some_things to public`);
      const { stage } = evidence.services;
      const most: number[] = [];
      const db: Database = {
        ...stage,
        rows: async <Row>(statement: Sql) => {
          if (render(statement).sql.includes("numbered")) {
            const [plan] = await stage.rows<{ "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
              sql`explain (analyze, format json) ${statement}`,
            );
            most.push(mostRows(plan?.["QUERY PLAN"][0]?.Plan));
          }
          return stage.rows<Row>(statement);
        },
      };
      let text = "";
      const stream: BundleWriter["stream"] = async (_name, chunks) => {
        for await (const chunk of chunks) text += chunk.text;
      };
      const pin = {
        mappings: [
          { name: "thing", table: "some_things", key: "thing", columns: ["thing", "label"] },
        ],
      } as unknown as Pin;

      await writeMappings({ stream } as BundleWriter, db, pin, run, { atATime: 2 });

      const expected = await evidence.admin.query(
        `select thing::text as thing, label from wavegate.some_things where run_id = '${run}' order by some_things.thing`,
      );
      expect(parse(text, { columns: true })).toEqual(expected.rows);
      // Whoever looks for the pages' ends reads all of them, once; then no page is counted from the first row on.
      expect(most.filter((rows) => rows > RECORDS_OF_PAGE)).toHaveLength(most.length - 4);
    },
  );
});

interface Plan {
  readonly "Actual Rows": number;
  readonly Plans?: readonly Plan[];
}

/** The most rows that any part of a plan gave. */
const mostRows = (plan: Plan | undefined): number =>
  plan === undefined ? 0 : Math.max(plan["Actual Rows"], ...(plan.Plans ?? []).map(mostRows));
