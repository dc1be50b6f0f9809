import { expect, it } from "vitest";
import { remade } from "../../scripts/mutants/remade.ts";

const schema = `create table if not exists t (n int check (n > 0));
create or replace function f() returns int language sql as $$
  select 1 where 1 = 1;
$$;
create or replace view v as select n from t where n = 1;
`;

it("W13 a mistake in a function or a view of the schema is put into databases that stand, one in a table is not", () => {
  expect(remade(schema, schema)).toEqual([]);
  expect(remade(schema, schema.replace("1 = 1", "1 <> 1"))).toEqual([
    "create or replace function f() returns int language sql as $$\n  select 1 where 1 <> 1;\n$$",
  ]);
  expect(remade(schema, schema.replace("n = 1", "n <> 1"))).toEqual([
    "create or replace view v as select n from t where n <> 1",
  ]);
  expect(remade(schema, schema.replace("n > 0", "n >= 0"))).toBe(undefined);
});
