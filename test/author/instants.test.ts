import { expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import { checkTarget } from "../../lib/author/check/target.ts";
import { guessField } from "../../lib/author/guess-field.ts";
import {
  commit,
  createdAt,
  date,
  defineMigration,
  insert,
  named,
  range,
  staged,
  table,
  timestamp,
} from "../../lib/define/builders.ts";
import type { Field } from "../../lib/define/definition.ts";
import { openLegacy } from "../../lib/sources/legacy.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { startMariaDb } from "../support/mariadb.ts";
import { testServices } from "../support/services.ts";
import { entity } from "./ecoin-with.ts";

const calls = (zone: string) =>
  defineMigration({
    name: "calls",
    title: "Calls",
    connection: "legacy",
    source: { calls: named(table("no", "begun", "ended", "told"), { told: ["said"] }) },
    entity: {
      from: ["calls"],
      fields: {
        begun: timestamp("begun", { zone }),
        told: timestamp("told", { zone }),
        day: date("told"),
        lasted: range(timestamp("begun", { zone }), timestamp("ended", { zone })),
      },
      decide: {},
      actions: { call: insert("calls", { begun: "begun" }) },
      plan: [commit("call")],
    },
  });

it("B5 D33 a TIMESTAMP of a MariaDB, which comes in UTC, is drafted so, and check tells where it is read by another clock", async () => {
  expect(guessField("told", ["2026-11-20 10:00:00"], "timestamp").code).toBe(
    'timestamp("told", { zone: "UTC" })',
  );
  expect(guessField("told", ["2026-11-20 10:00:00"], "datetime").code).toBe('timestamp("told")');
  const mariadb = await startMariaDb();
  await mariadb.query(`
    create table calls (no int primary key, begun datetime, ended timestamp null, said timestamp null);
    insert into calls values (1, '2026-11-20 10:00:00', '2026-11-20 10:05:00', '2026-11-20 10:05:00')`);
  const settings = sourceSettings("legacy", mariadb.settings);
  const told = async (zone: string) => {
    const migration = calls(zone);
    await using source = await openLegacy(() => openSource(settings), "legacy", migration.source);
    const { problems } = await checkSource(migration, source, "2026-11-20");
    return problems.flatMap(({ id, says }) => (id === "source_instants" ? [says] : []));
  };
  const says = (column: string, field: string) =>
    `“${column}” of “calls” is a TIMESTAMP, which the server gives in UTC, and “${field}” reads it by the clock of Europe/Berlin.`;
  const day =
    "“told” of “calls” is a TIMESTAMP, which the server gives in UTC, and “day” takes the day of it: what was midnight east of there is the day before.";
  expect(await told("Europe/Berlin")).toEqual([says("told", "told"), day, says("ended", "lasted")]);
  expect(await told("UTC")).toEqual([day]);
  await mariadb.stop();
});

it("B5 D33 what a clock showed, and a day, are no instants, and a column of those would have them for UTC's", async () => {
  const test = await testServices();
  await test.query("alter table crm_leads add at timestamptz, add shown timestamp");
  const { create_course_interest: lead } = ecoin.entity.actions;
  const into = async (column: string, field: Field) => {
    const values = { ...lead?.values, [column]: staged("when") };
    const fields = { ...ecoin.entity.fields, when: field };
    const actions = { ...ecoin.entity.actions, create_course_interest: { ...lead, values } };
    const found = await checkTarget(entity({ fields, actions: actions as never }), (sql) =>
      test.query(sql),
    );
    return found.map(({ level, says, remedy }) => `${level}: ${says} ${remedy}`);
  };
  const says = (is: string) => [
    `warning: “create_course_interest” writes crm_leads.at (timestamp with time zone) from “when”, which is ${is}: it would be taken for UTC’s. Stage it as timestamp("created_at", { zone: "…" }), which says where the clock hung, "UTC" where it did.`,
  ];
  const clock = "what a clock showed, nobody says where";
  expect(await into("at", timestamp("created_at"))).toEqual(says(clock));
  expect(await into("at", createdAt("created_at"))).toEqual(says(clock));
  expect(await into("at", date("created_at"))).toEqual(
    says("a day, which begins at another moment in each zone"),
  );
  expect(await into("at", timestamp("created_at", { zone: "UTC" }))).toEqual([]);
  for (const field of [timestamp("created_at"), date("created_at")])
    expect(await into("shown", field)).toEqual([]);
  await test.close();
});
