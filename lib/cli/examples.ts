import { sharedOf } from "../define/several.ts";
import { allMigrations } from "./migrations.ts";

/**
 * An example of the help in the words of a migration there is: `{migration}` is its name, `{run}` a
 * run of it, `{table}` a legacy table, and `{acknowledged}` what its runs are started with.
 */
export function exampleOf(line: string): string {
  const all = allMigrations();
  // The plainest: one of a single kind of things, where there is one.
  const migration = all.find((each) => !("entities" in each)) ?? all[0];
  const name = migration?.name ?? "NAME";
  const acknowledged = ["--queues-detached", migration?.priority && "--priority-acknowledged"];
  return line
    .replaceAll("{migration}", name)
    .replaceAll("{run}", `${name}-20261120-7f3a`)
    .replaceAll("{table}", (migration && sharedOf(migration).entity.from[0]) ?? "TABLE")
    .replaceAll("{acknowledged}", acknowledged.filter(Boolean).join(" "));
}
