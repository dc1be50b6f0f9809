import type { Pin } from "../../compile/pin/pin.ts";
import {
  type BlindSpot,
  blindSpots,
  findReferring,
  type Referring,
} from "../../compile/undo/referrers.ts";
import { asText, literal, literals } from "../../data/sql.ts";
import { databaseRoles, rolesBeside } from "../../define/database-roles.ts";
import { error, type Problem, warning } from "../problem.ts";
import type { Ask } from "../target.ts";

/** Sees what is shown to everybody, as wavegate's roles do before there are any. */
const anybody = "pg_read_all_stats";

/** Rows that row-level security hides from wavegate's roles; before a set-up, from everybody who is not told apart. */
export async function checkSight(pin: Pin, migration: string, ask: Ask): Promise<Problem[]> {
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
