import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { personalColumns } from "../../lib/compile/pin/personal.ts";
import { findRun } from "../../lib/data/runs.ts";
import {
  commit,
  defineMigration,
  insert,
  phone,
  reference,
  table,
  text,
} from "../../lib/define/builders.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { findRows } from "../../lib/review/rows/find-rows.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { importAll, reviewedRun, toTheEnd } from "../support/steps.ts";

/** Columns of a source that are called as the log calls something of its own. */
const called = ["at", "run", "target", "digest", "by", "id"] as const;
const visits = defineMigration({
  name: "own_keys",
  title: "Visits whose columns are called as the log's words",
  connection: "legacy",
  source: {
    visits: table("no", "hall", "mobile", ...called),
    halls: table("no", "title"),
  },
  references: {
    hall: {
      kind: "by_name",
      from: "halls",
      id: "no",
      label: "title",
      platform: { table: "halls", id: "id", idType: "uuid", label: "title" },
      suggestFrom: 0.5,
      staging: { table: "own_keys_halls", id: "hall_no", label: "hall_title", target: "hall_id" },
    },
  },
  entity: {
    from: ["visits"],
    fields: {
      hall: reference("hall", "hall"),
      mobile: phone("mobile", { region: "FR" }),
      ...Object.fromEntries(called.map((name) => [`said_${name}`, text(name)])),
      at: text("at"),
    },
    decide: {},
    actions: { visit: insert("visits", { no: "legacy_id" }) },
    plan: [commit("visit")],
  },
});

const id = (n: number) => `7f3a0000-0000-4000-8000-00000000ca${n}f`;
const hall = randomUUID();
let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    visits,
    `create table halls (id uuid primary key, title text);
     insert into halls values ('${hall}', 'The great hall');
     create table visits (id bigserial primary key, no text);`,
    {
      visits: [`no,hall,mobile,${called.join(",")}`, `1,7,0610000001,${called.join(",")}`],
      halls: ["no,title", "7,Elsewhere"],
    },
  );
  await reviewedRun(test, id(1));
});
afterAll(() => test?.close());

it("W12 R8 the log tells what it has to, whatever columns of the source are called", async () => {
  const { sign, stage, clock } = test.services;
  const first = await findRun(stage, id(1));
  await decideMappings(sign, first, "hall", [{ id: "7", confirm: true, target: hall }], "approver");
  await importAll(test, id(2));
  const carried = await test.query(
    `select 1 from wavegate.audit_log where run_id = '${id(2)}' and action = 'mappings-carried'`,
  );
  expect(carried).toHaveLength(1);
  await reviewedRun(test, id(3));
  const search = { by: "phone", value: "0610000001", person: "approver", digest: "d" } as const;
  expect(await findRows({ sign, clock }, await findRun(stage, id(3)), search)).toHaveLength(1);
  await toTheEnd(test, id(3));

  const told = await test.query<{ key: string }>(`
    select distinct f.key from wavegate.audit_log,
           jsonb_path_query(details, 'lax $.** ? (@.type() == "object")') o(fields), jsonb_each(o.fields) f
     where jsonb_typeof(f.value) = 'string'`);
  const keys = told.map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining(["at", "run", "target", "digest", "signOff"]));
  const { entity } = visits;
  const fields = Object.fromEntries(keys.map((key) => [key, text(key)]));
  const personal = personalColumns({ ...visits, entity: { ...entity, fields } });
  expect(personal.filter((name) => keys.includes(name))).toEqual([]);
});
