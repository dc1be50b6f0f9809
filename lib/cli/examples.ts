/** What examples name. */
interface Words {
  readonly migration: string;
  /** A legacy table. */
  readonly table: string;
  /** What its runs are started with. */
  readonly acknowledged: string;
  /** References of all migrations, with their kinds. */
  readonly mappings: readonly (readonly [name: string, kind: string])[];
}

let words: Words = {
  migration: "NAME",
  table: "TABLE",
  acknowledged: "--queues-detached",
  mappings: [],
};

/**
 * Has examples speak of a migration there is: for whoever shows one. To load all definitions takes half the time of a
 * command that looks at none.
 */
export async function knowExamples(): Promise<void> {
  const [{ allMigrations }, { sharedOf }] = await Promise.all([
    import("./migrations.ts"),
    import("../define/several.ts"),
  ]);
  const all = allMigrations();
  // The plainest: one of a single kind of things, where there is one.
  const migration = all.find((each) => !("entities" in each)) ?? all[0];
  if (migration === undefined) return;
  words = {
    migration: migration.name,
    table: sharedOf(migration).entity.from[0] ?? words.table,
    acknowledged: ["--queues-detached", migration.priority && "--priority-acknowledged"]
      .filter(Boolean)
      .join(" "),
    mappings: [
      ...new Map(
        all.flatMap(({ references }) =>
          Object.entries(references).map(([name, { kind }]) => [name, kind] as const),
        ),
      ),
    ],
  };
}

/** An example of the help: `{migration}`, a `{run}` of it, a `{table}`, and what is `{acknowledged}`, as {@link Words} has them. */
export const exampleOf = (line: string): string =>
  line
    .replaceAll("{migration}", words.migration)
    .replaceAll("{run}", `${words.migration}-20261120-7f3a`)
    .replaceAll("{table}", words.table)
    .replaceAll("{acknowledged}", words.acknowledged);

/** References that an example may be about, with their kinds. */
export const mappingsNamed = (): Words["mappings"] => words.mappings;
