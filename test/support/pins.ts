import type { TestServices } from "./services.ts";

/**
 * Makes runs live by their stored definition, as runs from before pins were kept do (D35), so that a test
 * can change it. A run's pin may not be changed by anybody: the trigger that sees to it is passed by.
 */
export async function forgetPins(test: TestServices): Promise<void> {
  await test.query(
    `begin; set local session_replication_role = replica;
     update wavegate.legacy_import_runs set pin = null; commit`,
  );
}

/** Changes what runs are pinned to, as if their definition had said so: `pin` is set to an expression of it. */
export async function pinOtherwise(test: TestServices, expression: string): Promise<void> {
  await test.query(
    `begin; set local session_replication_role = replica;
     update wavegate.legacy_import_runs set pin = ${expression}; commit`,
  );
}
