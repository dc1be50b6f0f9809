import { expect, it } from "vitest";
import { guessed } from "../../lib/author/new/draft.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { type ListedTable, listTables } from "../../lib/sources/tables.ts";
import { startMariaDb } from "../support/mariadb.ts";

it("B12 W13 of a MariaDB a table with a history is listed, a view where it is asked for, and of keys beyond 64 bits the last, as what is no whole number there", async () => {
  const mariadb = await startMariaDb();
  await mariadb.query(`
    create table prices (id int primary key, price decimal(9,2)) with system versioning;
    insert into prices values (1, 2.50); update prices set price = 3;
    create view cheap as select id, price from prices;
    create table huge (id bigint unsigned primary key); insert into huge values (7), (18446744073709551615);
    create table large (id bigint unsigned primary key); insert into large values (7), (9223372036854775807)`);
  const settings = sourceSettings("legacy", mariadb.settings);
  const named = (tables: readonly ListedTable[], name: string) =>
    tables.find(({ table }) => table === name);
  const [listed, asked] = [await listTables(settings, 1), await listTables(settings, 1, "cheap")];
  expect(named(listed, "prices")?.sample).toEqual([["1", "3.00"]]);
  expect(named(listed, "cheap")).toBeUndefined();
  expect(named(asked, "cheap")?.sample).toEqual([["1", "3.00"]]);
  const isWhole = (name: string) => guessed(named(listed, name) as ListedTable).keyed.integer;
  expect([isWhole("huge"), isWhole("large")]).toEqual([false, true]);
  await mariadb.stop();
});
