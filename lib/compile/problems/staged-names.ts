import type { WholeMigration } from "../../define/several.ts";
import { columnsMadeBy } from "../staging/made-names.ts";
import { stagedNames } from "../staging/staged-names.ts";

/** PostgreSQL keeps so many characters of a name, and drops the others. */
const longest = 63;

/** What is wrong with what set-up would make for a definition that is sound otherwise. */
export function stagedNameProblems(migration: WholeMigration): string[] {
  const made = stagedNames(migration).flatMap(({ of, names }) =>
    names.map(({ name, kind }) => ({ of, name, kind })),
  );
  const relations = made.filter(({ kind }) => kind !== "function");
  const twice = relations.filter(
    ({ name, kind }, at) =>
      kind === "table" && relations.some((other, its) => its !== at && other.name === name),
  );
  return [
    ...new Set([
      ...made
        .filter(({ name, kind }) => kind !== "beside" && name.length > longest)
        .map(
          ({ of, name }) =>
            `For “${of}” a table “${name}” would be made, and a name has ${longest} characters at most: give it a shorter one.`,
        ),
      ...twice.map(
        ({ of, name }) =>
          `Two things of staging would be called “${name}”: give “${of}” another name.`,
      ),
      ...stagedNames(migration).flatMap(columnsTwice),
    ]),
  ];
}

/** A table that keeps two things in one column could not be made. */
const columnsTwice = ({
  of,
  statements,
}: Pick<ReturnType<typeof stagedNames>[number], "of" | "statements">): string[] =>
  statements
    .filter((statement) => /^create table /u.test(statement))
    .flatMap((statement) => {
      const columns = columnsMadeBy(statement);
      return [...new Set(columns.filter((name, at) => columns.indexOf(name) !== at))].map(
        (name) =>
          `“${of}” would have two columns “${name}”: give the one that the definition names another name.`,
      );
    });
