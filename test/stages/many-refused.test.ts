import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import {
  commit,
  defineMigration,
  derived,
  entity,
  harmless,
  insert,
  integer,
  table,
} from "../../lib/define/builders.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { everyStep } from "../support/every-step.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000000ba5e";

const stock = defineMigration({
  name: "stock",
  title: "Things",
  connection: "old-stock",
  source: { things: table("no", "weight") },
  audit: { runs: "stock_audit_runs", mappings: "stock_audit_mappings", entities: { thing: "t" } },
  effects: { "things.too_heavy": harmless("It refuses what is too heavy, and does nothing else.") },
  entities: [
    entity("thing", {
      from: ["things"],
      fields: { weight: integer("weight") },
      decide: {},
      actions: {
        thing: insert("things", { weight: "weight" }, { id: derived("id", "legacy_id") }),
      },
      plan: [commit("thing")],
    }),
  ],
});

/** Rows of the waves before, and those of the last, of which the platform takes every tenth. */
const before = 25 + 125 + 625;
const last = everyStep ? 3_125 : 800;
const refused = Array.from({ length: last }, (_, n) => before + n + 1).filter((no) => no % 10 > 0);

const platform = `
create table things (id uuid primary key, weight int not null);
create function too_heavy() returns trigger language plpgsql as $$ begin
  if new.weight > ${before} and new.weight % 10 > 0 then raise exception '% is too heavy', new.weight; end if;
  return new; end $$;
create trigger too_heavy before insert on things for each row execute function too_heavy()`;

let test: CsvServices;
beforeAll(async () => {
  const lines = Array.from({ length: before + last }, (_, n) => `${n + 1},${n + 1}`);
  test = await csvServices(stock, platform, { things: ["no,weight", ...lines] });
});
afterAll(() => test.close());

describe("D38 R15 a wave of which the platform refuses more rows than it takes", () => {
  it("holds each by name, writes the others, and is proved, balanced and taken back as any", async () => {
    await reviewedRun(test, run, { wavePlan: [25, 125, 625, 3_125] });
    await toTheEnd(test, run);
    const held = await test.query<{ no: number; by: string }>(
      `select legacy_id::int as no, state_detail as by from wavegate.stock_thing
        where run_id = $1 and import_state = 'held' and state_reason = 'refused_by_platform' order by 1`,
      [run],
    );
    expect(held).toEqual(refused.map((no) => ({ no, by: "too_heavy (P0001)" })));
    expect(
      await test.query(
        "select wave, (counts ->> 'committed')::int as committed, counts -> 'refused' as refused from wavegate.waves order by 1",
      ),
    ).toEqual([
      ...[25, 125, 625].map((committed, n) => ({ wave: n + 1, committed, refused: {} })),
      {
        ...{ wave: 4, committed: last - refused.length },
        refused: { "too_heavy (P0001)": refused.length },
      },
    ]);
    expect(refused.length).toBeGreaterThan(650);
    const { checks } = await finalVerify(test.services, run);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(await balance(test.services.stage, compilePin(test.definition), run)).toMatchObject({
      ...{ committed: before + last - refused.length, held: refused.length, holds: true },
    });
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    expect(await test.query("select 1 from things")).toEqual([]);
  });
});
