/** Another migration's run, of which a wave stands, as statements: of the definition of the run that it is made `like`. */
export const anotherRun = (of: string, like: string): string => `
  insert into wavegate.legacy_import_runs (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed)
  select '${of}', right('${of}', 4), 'another', definition_digest, definition, connection_name, focus_mode, wave_plan, seed
    from wavegate.legacy_import_runs where id = '${like}';
  insert into wavegate.waves (run_id, wave, size, status, digest) values ('${of}', 1, 1, 'verified', '')`;

/** An entry of its ledger about a row of the platform. */
export const anothersEntry = (
  of: string,
  action: string,
  target: number,
  id = "default",
): string => `
  insert into wavegate.legacy_import_commit_logs (id, run_id, wave, round, staged_id, action, target_table, target_id)
  values (${id}, '${of}', 1, 1, ${target}, '${action}', 'legacy_completed_trainings', ${target})`;
