import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refers } from "../../lib/define/builders.ts";
import { commit } from "../../lib/stages/commit.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { forgetPin } from "../support/pins.ts";
import { reviewed, roles, type TestServices, waveOneServices } from "../support/services.ts";
import { approve, refusal } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;
const table = "legacy_completed_trainings";

beforeEach(async () => {
  test = await waveOneServices();
});
afterEach(() => test.close());

const grant = (name: string) => test.query(`grant select on ${name} to ${roles.commit("ecoin")}`);
const ids = async () =>
  (
    await test.query<{ id: number }>(
      `select id::int as id from ${table} where legacy_import_run_id = '${run}' order by id`,
    )
  ).map(({ id }) => id);

describe("D16 what refers to a created row", () => {
  it("all columns of a key count, in their order, and a null in one of them names nothing", async () => {
    await test.query(`alter table ${table} add unique (legacy_id, source_table)`);
    await test.query(`create table certificates (
      number bigint generated always as identity primary key, legacy_source text, legacy_number bigint,
      foreign key (legacy_number, legacy_source) references ${table} (legacy_id, source_table) on delete cascade)`);
    await grant("certificates");
    const [first, second] = await ids();
    await test.query(
      `insert into certificates (legacy_source, legacy_number)
       select source_table, legacy_id from ${table} where id = $1
       union all select null, legacy_id from ${table} where id = $2`,
      [first, second],
    );
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [{ undone: 24, spared: 1, conflicts: [{ id: first }] }],
    });
    expect(await test.query("select count(*)::int as n from certificates")).toEqual([{ n: 2 }]);
  });

  it("is not the row itself, which may name itself by a foreign key", async () => {
    await test.query(
      `alter table ${table} add column root bigint generated always as (id) stored references ${table}`,
    );
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [{ undone: 25, spared: 0 }],
    });
  });

  it("from another schema, from a partitioned table, under names that need quotes", async () => {
    await test.query("create schema awards");
    await test.query(`create table awards."Certificates" (
      "Number" bigint, "Training" bigint references ${table}, primary key ("Number")) partition by range ("Number")`);
    await test.query(
      `create table awards.certificates_1 partition of awards."Certificates" for values from (0) to (100)`,
    );
    await test.query(`grant usage on schema awards to ${roles.commit("ecoin")}`);
    await grant('awards."Certificates"');
    const [first] = await ids();
    await test.query(`insert into awards."Certificates" values (1, $1)`, [first]);
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [{ undone: 24, spared: 1, conflicts: [{ id: first }] }],
    });
  });
});

describe("D16 a reference that no foreign key knows", () => {
  it("is declared by the definition, and spares its row all the same", async () => {
    // So many that a statement which said each of them for itself would be longer than the Data API takes.
    const others = Array.from({ length: 150 }, (_, n) => `of_${n}`);
    const declared = [
      refers("certificates(training)", `${table}(id)`),
      ...others.map((column) => refers(`papers(${column})`, `${table}(id)`)),
    ];
    await forgetPin(test, run);
    await test.query(
      "update wavegate.legacy_import_runs set definition = definition || jsonb_build_object('refersTo', $1::jsonb) where id = $2",
      [JSON.stringify(declared), run],
    );
    await test.query(
      `create table papers (${others.map((column) => `${column} bigint`).join(", ")})`,
    );
    await grant("papers");
    // Beside one that the platform does know, of another column.
    await test.query(`create table certificates (training bigint, of bigint references ${table})`);
    await grant("certificates");
    const [first] = await ids();
    await test.query("insert into certificates values ($1), (null)", [first]);
    // Renamed, it could not be seen any more: then nothing is taken back.
    await test.query("alter table certificates rename training to about");
    expect(await refusal(rollback(test.services, run))).toBe("ReferenceUnknown");
    await test.query("alter table certificates rename about to training");
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [{ undone: 24, spared: 1, conflicts: [{ id: first }] }],
    });
  });
});

describe("D16 D19 a table made after set-up", () => {
  it("refuses a rollback and a further wave in a sentence with the one command that mends it", async () => {
    await test.query(`create table certificates (training_id bigint references ${table})`);
    await expect(rollback(test.services, run)).rejects.toMatchObject({
      name: "PrivilegesMissing",
      message:
        "wavegate lacks the privilege SELECT on certificates. Nothing was written. `wavegate set-up ecoin` gives it (on AWS: deploy again).",
    });
    expect((await ids()).length).toBe(25);
    await grant("certificates");
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
  });

  it("in a schema of its own too", async () => {
    await test.query("create schema awards");
    await test.query(`create table awards.certificates (training_id bigint references ${table})`);
    await expect(rollback(test.services, run)).rejects.toMatchObject({
      name: "PrivilegesMissing",
      message: expect.stringContaining("USAGE on the schema of awards.certificates"),
    });
  });
});

describe("D42 row-level security", () => {
  const secured = async () => {
    await test.query(
      `create table certificates (tenant text, training_id bigint references ${table} on delete cascade)`,
    );
    await grant("certificates");
    await test.query("alter table certificates enable row level security");
    await test.query(
      "create policy own on certificates for select using (tenant = current_setting('app.tenant', true))",
    );
    await test.query(
      `insert into certificates select 'a', id from ${table} where legacy_import_run_id = '${run}'`,
    );
  };

  it("on what refers refuses the rollback as policy_denied, and no row goes by cascade", async () => {
    await secured();
    await expect(rollback(test.services, run)).rejects.toMatchObject({
      name: "PolicyDenied",
      message: expect.stringContaining(
        "policy_denied: Row-level security hides rows of certificates",
      ),
    });
    expect(await test.query("select count(*)::int as n from certificates")).toEqual([{ n: 25 }]);
    expect((await ids()).length).toBe(25);
  });

  it("is no obstacle where a policy of wavegate's role shows every row; a restrictive one is", async () => {
    await secured();
    await test.query(
      `create policy wavegate on certificates to ${roles.commit("ecoin")} using (true)`,
    );
    await test.query("create policy closed on certificates as restrictive using (tenant <> 'a')");
    expect(await refusal(rollback(test.services, run))).toBe("PolicyDenied");
    await test.query("drop policy closed on certificates");
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "conflicts",
      waves: [{ undone: 0, spared: 25 }],
    });
  });

  it("on a target or a table of people refuses a wave and a rollback", async () => {
    await test.query(`alter table ${table} enable row level security`);
    expect(await refusal(rollback(test.services, run))).toBe("PolicyDenied");
    await test.query(`alter table ${table} disable row level security`);
    await rollback(test.services, run);
    await test.query(
      "update wavegate.legacy_import_runs set control = 'run', status = 'running' where id = $1",
      [run],
    );
    await approve(test, run, "first_wave");
    await test.query("alter table crm_leads enable row level security");
    await test.query(`create policy all_stage on crm_leads to ${roles.stage} using (true)`);
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("PolicyDenied");
  });
});
