import { expect, it } from "vitest";
import {
  commit,
  defineMigration,
  entity,
  harmless,
  insert,
  table,
  text,
} from "../../lib/define/builders.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { csvServices } from "../support/csv-services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

/** As long as names are in a platform whose triggers are generated. */
const triggers = Array.from(
  { length: 500 },
  (_, n) => `sculling_members_generated_by_the_old_audit_extension_no_${n}`,
);

const sculling = defineMigration({
  name: "sculling",
  title: "A sculling club",
  connection: "old-sculling",
  source: { members: table("no", "name") },
  effects: Object.fromEntries(triggers.map((name) => [`members.${name}`, harmless("It looks.")])),
  entities: [
    entity("member", {
      from: ["members"],
      fields: { name: text("name") },
      decide: {},
      actions: { member: insert("members", { name: "name" }) },
      plan: [commit("member")],
    }),
  ],
});

it("D38 W13 a table with five hundred triggers that the definition names is written, and its rows are taken back", async () => {
  const platform = `
    create table members (id bigint generated always as identity primary key, name text);
    create function looks() returns trigger language plpgsql as $$ begin return new; end $$;
    ${triggers.map((name) => `create trigger ${name} before insert or update on members for each row execute function looks();`).join("\n")}`;
  const run = "7f3a0000-0000-4000-8000-000000005001";
  const test = await csvServices(sculling, platform, { members: ["no,name", "1,Ada", "2,Eve"] });
  try {
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    expect(await test.query("select name from members order by 1")).toEqual([
      { name: "Ada" },
      { name: "Eve" },
    ]);
    await rollback(test.services, run);
    expect(await test.query("select name from members")).toEqual([]);
  } finally {
    await test.close();
  }
});
