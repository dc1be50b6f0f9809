import { describe, expect, it } from "vitest";
import { importedColumns } from "../../lib/compile/columns.ts";
import type { Field, Migration } from "../../lib/define/definition.ts";
import { rowImporter } from "../../lib/stages/import-row.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";

const columns = ecoin.source.stagiaires?.columns ?? [];
const made = importedColumns(ecoin).filter(({ from }) => from === undefined);

/** The staged values of a row by their columns' names. */
function staged(migration: Migration, fields: Record<string, string>): Record<string, unknown> {
  const importer = rowImporter(migration, "stagiaires", "2026-11-20");
  const [, ...values] = importer(columns.map((column) => fields[column] ?? null));
  return Object.fromEntries(made.map(({ name }, at) => [name, values[at]]));
}

const withName = (options: Partial<Extract<Field, { kind: "name" }>>): Migration => ({
  ...ecoin,
  entity: {
    ...ecoin.entity,
    fields: {
      ...ecoin.entity.fields,
      full_name: { kind: "name", parts: ["nom", "prenom"], ...options },
    },
  },
});

describe("D33 a name whose letters are damaged", () => {
  it.each([
    ["ChÃ©rif", "Chérif"],
    ["Ã‰lise", "Élise"],
    ["Ø³Ø§Ø±Ø©", "سارة"],
  ])("%s is held as it came, with a proposal", (nom, decoded) => {
    expect(staged(withName({}), { nom, prenom: "Ali" })).toMatchObject({
      full_name: `${nom} Ali`,
      findings: ["text_damaged", "name_damaged"],
      proposals: { nom: decoded },
    });
  });

  it.each([
    ["ChÃ©rif", "Chérif"],
    ["Ã‰lise", "Élise"],
    ["Ø³Ø§Ø±Ø©", "سارة"],
  ])("%s is taken as decoded where the definition says so, and that is noted", (nom, decoded) => {
    expect(staged(withName({ damaged: "repair" }), { nom, prenom: "Ali" })).toMatchObject({
      full_name: `${decoded} Ali`,
      findings: ["text_damaged"],
      proposals: { nom: decoded },
    });
  });

  it.each(["Ch?rif", "Ch\uFFFDrif", "????"])("%s cannot be repaired: it is held", (nom) => {
    expect(staged(withName({ damaged: "repair" }), { nom, prenom: "Ali" })).toMatchObject({
      findings: ["text_damaged", "name_damaged"],
      proposals: null,
    });
  });
});

describe("D9 a birth date that nobody believes", () => {
  it.each([
    ["2016-11-20", null],
    ["2016-11-21", ["birth_date_implausible"]],
    ["2026-11-20", ["birth_date_implausible"]],
    ["1900-01-01", ["birth_date_implausible"]],
    ["1900-01-02", null],
    ["2026-11-21", ["birth_date_impossible"]],
  ])("%s on 20 November 2026: %j", (date_naissance, findings) => {
    expect(staged(ecoin, { nom: "Benali", date_naissance }).findings).toEqual(findings);
  });
});
