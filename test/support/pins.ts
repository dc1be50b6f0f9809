import type { TestServices } from "./services.ts";

/**
 * Makes a run live by its stored definition, as runs from before pins were kept do (D35), so that a test
 * can change it. A run's pin may not be changed by anybody: the trigger that sees to it is passed by.
 */
export async function forgetPin(test: TestServices, run: string): Promise<void> {
  await test.query(
    `begin; set local session_replication_role = replica;
     update wavegate.legacy_import_runs set pin = null where id = '${run}'; commit`,
  );
}

/** Changes what a run is pinned to, as if its definition had said so: `pin` is set to an expression of it. */
export async function pinOtherwise(
  test: TestServices,
  run: string,
  expression: string,
): Promise<void> {
  await test.query(
    `begin; set local session_replication_role = replica;
     update wavegate.legacy_import_runs set pin = ${expression} where id = '${run}'; commit`,
  );
}
