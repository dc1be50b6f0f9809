import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stagedNames } from "../../lib/compile/staging/staged-names.ts";
import {
  commit,
  defineMigration,
  insert,
  reference,
  table,
  text,
} from "../../lib/define/builders.ts";
import type { Definition } from "../../lib/define/definition.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { namesOfTheEngine, takenNames } from "../../lib/stages/set-up/own-names.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { wildApricot } from "../../migrations/wild-apricot/definition.ts";
import { everyStep } from "../support/every-step.ts";
import { setUpAgain, type TestServices, testServices } from "../support/services.ts";
import { refusal } from "../support/steps.ts";

const attic: Definition = {
  name: "attic",
  title: "Attic",
  connection: "attic",
  source: { things: table("no", "label", "room") },
  entity: {
    from: ["things"],
    fields: { label: text("label") },
    decide: {},
    actions: { thing: insert("users", { name: "label" }) },
    plan: [commit("thing")],
  },
};
const stagedAs = (name: string) =>
  defineMigration({
    ...attic,
    entity: { ...attic.entity, staging: { table: name } },
  } as Definition);
const shownAs = (name: string) =>
  defineMigration({
    ...attic,
    entity: {
      ...attic.entity,
      staging: {
        table: "attic_rows",
        views: [{ name, columns: [{ name: "label", of: "label" }] }],
      },
    },
  } as Definition);
const mappedIn = (staging: Partial<Record<"table" | "id" | "label" | "target", string>>) =>
  defineMigration({
    ...attic,
    references: {
      room: {
        kind: "by_name",
        from: "things",
        id: "no",
        label: "room",
        platform: { table: "courses", id: "id", label: "title" },
        suggestFrom: 0.5,
        staging: { table: "attic_rooms", id: "room", label: "name", target: "room_id", ...staging },
      },
    },
    entity: { ...attic.entity, fields: { label: text("label"), room: reference("room", "room") } },
  } as Definition);

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

/** Every name in the schema, as the catalogue has it; the tests' own write through views. */
const inTheCatalogue = () =>
  test.query<{ name: string; kind: string }>(`
    select relname as name, relkind::text as kind from pg_class where relnamespace = 'wavegate'::regnamespace
    union all select distinct proname, 'function' from pg_proc where pronamespace = 'wavegate'::regnamespace order by 1`);

describe("B5 what is staged is called as nothing of the engine's own", () => {
  it("every name in the schema is known: the engine's, the definition's, or a guard's", async () => {
    const own = await namesOfTheEngine();
    const definitions = new Set(
      stagedNames(ecoin).flatMap(({ names }) => names.map(({ name }) => name)),
    );
    const others = (await inTheCatalogue()).filter(
      ({ name }) =>
        !own.has(name) &&
        !definitions.has(name) &&
        !/^(check_(created|deleted)|write)_/u.test(name),
    );
    expect(others).toEqual([]);
    expect(await takenNames(ecoin)).toEqual([]);
    expect(await takenNames(wildApricot)).toEqual([]);
  });

  it("what older versions made for what is made otherwise now is gone behind a set-up", async () => {
    const before = await inTheCatalogue();
    for (const name of ["next", "next_of_all"])
      await test.query(`create index legacy_student_imports_${name}
        on wavegate.legacy_student_imports_decisions (run_id, classification, staged_id) where planned = 'commit'`);
    await setUpAgain(test, ecoin);
    expect(await inTheCatalogue()).toEqual(before);
  });

  it("a staging table, a view and a table of mappings of each such name are told", async () => {
    const definitions = new Set(
      stagedNames(ecoin).flatMap(({ names }) => names.map(({ name }) => name)),
    );
    const own = (await inTheCatalogue()).filter(
      ({ name }) => !definitions.has(name) && !/^(check_(created|deleted)|write)_/u.test(name),
    );
    expect(own.length).toBeGreaterThan(150);
    const untold: string[] = [];
    // In `npm test` each name as one of the three.
    const asMapped = (table: string) => mappedIn({ table });
    for (const [at, { name }] of own.entries())
      for (const [way, called] of [stagedAs, shownAs, asMapped].entries()) {
        if (!everyStep && way !== at % 3) continue;
        const migration = called(name);
        const said = [...definitionFaults(migration), ...(await takenNames(migration))].join("\n");
        if (!said.includes(`“${name}”`)) untold.push(name);
      }
    expect(untold).toEqual([]);
  });

  it("set-up refuses one, and one of another migration's, and makes nothing", async () => {
    const before = await inTheCatalogue();
    const set = (migration: ReturnType<typeof stagedAs>) => setUpAgain(test, migration);
    expect(await refusal(set(stagedAs("legacy_import_runs")))).toBe("DefinitionInvalid");
    expect(await refusal(set(shownAs("sign_offs_pkey")))).toBe("DefinitionInvalid");
    expect(await refusal(set(stagedAs("legacy_student_imports")))).toBe("DefinitionInvalid");
    expect(await refusal(set(mappedIn({ table: "legacy_student_imports_source" })))).toBe(
      "DefinitionInvalid",
    );
    // Nor a table of mappings, or a view, of another migration's.
    expect(await refusal(set(mappedIn({ table: "legacy_course_mappings" })))).toBe(
      "DefinitionInvalid",
    );
    expect(await refusal(set(shownAs("legacy_training_imports")))).toBe("DefinitionInvalid");
    expect(await refusal(set(stagedAs("legacy_session_mappings")))).toBe("DefinitionInvalid");
    await expect(set(stagedAs("legacy_student_imports"))).rejects.toThrow(
      "“attic” would stage in “legacy_student_imports”, where “ecoin” of this database stages. Nothing was set up.",
    );
    expect(await inTheCatalogue()).toEqual(before);
  });
});

describe("B5 nor are two things of a definition's own called the same", () => {
  it.each([
    [shownAs("attic_rows_source"), "Two things of staging would be called “attic_rows_source”"],
    [
      shownAs("attic_rows_source_pkey"),
      "Two things of staging would be called “attic_rows_source_pkey”",
    ],
    [shownAs("attic_rows_take_row"), "Two things of staging would be called “attic_rows_take_row”"],
    [mappedIn({ table: "attic_rows" }), "Two things of staging would be called “attic_rows”"],
    [mappedIn({ table: "attic_rows_decisions" }), "would be called “attic_rows_decisions”"],
    [mappedIn({ id: "status" }), "“attic_rooms” would have two columns “status”"],
    [mappedIn({ label: "room_id" }), "“attic_rooms” would have two columns “room_id”"],
    [mappedIn({ target: 'x"; drop table users; --' }), "cannot name a column of staging"],
  ])("%#", (migration, says) => {
    expect(definitionFaults(migration).join("\n")).toContain(says);
  });

  it("a migration may be called with a dash", () => {
    const dashed = defineMigration({ ...attic, name: "the-attic" });
    expect(definitionFaults(dashed)).toEqual([]);
    expect(definitionFaults(mappedIn({}))).toEqual([]);
    expect(definitionFaults(shownAs("attic_labels"))).toEqual([]);
  });
});
