import { expect, it } from "vitest";
import { suggestions } from "../../lib/compile/references/mappings.ts";
import { suggestMappings } from "../../lib/stages/run/suggest-mappings.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { importedServices, reviewed as run, type TestServices } from "../support/services.ts";

/** What is suggested of each thing, which nothing else sets. */
const suggested = async (test: TestServices) => [
  await test.query(
    `select legacy_formation_id as id, course_id as target, confidence, status from wavegate.legacy_course_mappings where run_id = '${run}' order by 1`,
  ),
  await test.query(
    `select legacy_session_id as id, course_session_id as target, session_type, status from wavegate.legacy_session_mappings where run_id = '${run}' order by 1`,
  ),
];

const forgotten = async (test: TestServices) => {
  await test.query(
    "update wavegate.legacy_course_mappings set course_id = null, confidence = null, status = 'unmapped' where decided_by is null",
  );
  await test.query(
    "update wavegate.legacy_session_mappings set course_session_id = null, session_type = 'unknown_session', status = 'needs_review' where decided_by is null",
  );
};

it("M4 M5 W3 what many legacy things are on the platform is suggested for some at a time, each once, as it is for all of them at once", async () => {
  const test = await importedServices();
  const { stage } = test.services;
  try {
    // 619 names and more: three times as many as are compared at a time; each is as one of the platform's, or like it.
    await test.query(`
      insert into wavegate.legacy_course_mappings (run_id, legacy_formation_id, legacy_name, status)
      select '${run}', 100000 + n, (array[name, name || ' ' || n, 'Nothing ' || n])[1 + n % 3], 'unmapped'
        from (select row_number() over (order by c.id, g) as n, c.name from courses c cross join generate_series(1, 40) g limit 600) many`);
    await forgotten(test);
    for (const { statement } of suggestions(ecoin, run))
      await stage.execute(statement({ after: null, upTo: null }));
    const whole = await suggested(test);
    expect(new Set(whole.flat().map(({ status }) => status)).size).toBeGreaterThan(3);

    await forgotten(test);
    const sent: string[] = [];
    const execute: typeof stage.execute = (sql) => {
      sent.push(JSON.stringify(sql));
      return stage.execute(sql);
    };
    const counts = { formations: 100_001, session_ecoins: 100_001 };
    await suggestMappings({ ...stage, execute }, ecoin, { id: run, counts });
    expect(sent.length).toBe(4);
    expect(await suggested(test)).toEqual(whole);

    // The same with bounds at every sixtieth thing, of codes too.
    await forgotten(test);
    for (const [at, { statement }] of suggestions(ecoin, run).entries()) {
      const bounds = (whole[at] ?? []).filter((_, n) => n % 60 === 2).map(({ id }) => String(id));
      for (const [n, upTo] of [...bounds, null].entries())
        await stage.execute(statement({ after: bounds[n - 1] ?? null, upTo }));
    }
    expect(await suggested(test)).toEqual(whole);
  } finally {
    await test.close();
  }
});
