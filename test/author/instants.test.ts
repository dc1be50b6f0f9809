import { expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import { guessField } from "../../lib/author/guess-field.ts";
import {
  commit,
  date,
  defineMigration,
  insert,
  named,
  range,
  table,
  timestamp,
} from "../../lib/define/builders.ts";
import { openLegacy } from "../../lib/sources/legacy.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { startMariaDb } from "../support/mariadb.ts";

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
