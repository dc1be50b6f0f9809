import {
  findSurroundings,
  namesSurrounding,
  type Surrounding,
  saysSurrounding,
} from "../compile/around/surroundings.ts";
import { compilePin, type Pin } from "../compile/pin/pin.ts";
import { findUnknownKept, saysUnknownKept } from "../compile/target/unknown-kept.ts";
import {
  type BlindSpot,
  blindSpots,
  findReferring,
  findUnknownReferences,
  type Referring,
} from "../compile/undo/referrers.ts";
import { asText, literal, literals, render } from "../data/sql.ts";
import { databaseRoles, rolesBeside } from "../define/database-roles.ts";
import { keptColumns } from "../define/kept-columns.ts";
import type { WholeMigration } from "../define/several.ts";
import { error, type Problem, warning } from "./problem.ts";
import type { Ask } from "./target.ts";

/** What the platform does by itself around the tables of a migration and its definition does not name: preflight stops there. */
export async function checkAround(migration: WholeMigration, ask: Ask): Promise<Problem[]> {
  const pin = compilePin(migration);
  const found = (await ask(asText(findSurroundings(pin)))) as unknown as Surrounding[];
  const unknown =
    pin.refersTo.length === 0 ? [] : await ask(render(findUnknownReferences(pin)).sql);
  const unkept =
    keptColumns(pin.effects).length === 0 ? [] : await ask(asText(findUnknownKept(pin.effects)));
  return [
    ...unkept.map(({ column }) =>
      error(
        "target_kept_unknown",
        String(column).replace(/\.[^.]*$/u, ""),
        saysUnknownKept(String(column)),
        "Call it as the platform calls it.",
      ),
    ),
    ...found
      .filter(({ named }) => !named)
      .map((each) =>
        error("target_unnamed", each.table, saysSurrounding(each), namesSurrounding(each)),
      ),
    ...unknown.map(({ reference }) =>
      error(
        "target_reference_unknown",
        String(reference).replace(/\(.*$/u, ""),
        `The definition says that ${reference} refers, and there are no such columns.`,
        "Call them as the platform calls them.",
      ),
    ),
    ...(await hiddenRows(pin, migration.name, ask)),
  ];
}

/** Sees what is shown to everybody, as wavegate's roles do before there are any. */
const anybody = "pg_read_all_stats";

/** Rows that row-level security hides from wavegate's roles; before a set-up, from everybody who is not told apart. */
async function hiddenRows(pin: Pin, migration: string, ask: Ask): Promise<Problem[]> {
  const [here] = await ask("select current_user::text as role, current_database()::text as name");
  const { stage, commit } = rolesBeside(String(here?.role)) ?? databaseRoles(String(here?.name));
  const roles = [stage, commit(migration)];
  const found = await ask(`select rolname from pg_roles where rolname in (${literals(roles)})`);
  const there = found.length === roles.length;
  const as = (role: string) => literal(there ? role : anybody);
  const referring = (await ask(asText(findReferring(pin)))) as unknown as Referring[];
  const blind = [
    ...(await ask(asText(blindSpots(pin, [], as(stage), false)))),
    ...(await ask(asText(blindSpots(pin, referring, as(commit(migration)), true)))),
  ] as unknown as BlindSpot[];
  const tables = new Set(blind.filter(({ hidden }) => hidden).map(({ table }) => table));
  return [...tables].map((table) =>
    (there ? error : warning)(
      "target_row_security",
      table,
      `Row-level security hides rows of ${table} from wavegate, which would take what it does not see for not there.`,
      `${there ? "Let" : "Once it is set up, let"} its roles see every row: \`create policy wavegate on ${table} to ${roles.join(", ")} using (true) with check (true)\`. Preflight stops until they do.`,
    ),
  );
}
