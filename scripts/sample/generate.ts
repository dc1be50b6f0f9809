import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FORMATIONS } from "./catalogue.ts";
import type { Plan } from "./plan.ts";
import { platformPeople, platformTables } from "./platform.ts";
import { legacySessions } from "./sessions.ts";
import { archives, type Fields, STUDENT_COLUMNS, stagiaires, whereIs } from "./students.ts";
import { csvLines, sqlLines, writeLines } from "./write.ts";

/**
 * Writes a sample: `legacy/*.csv` (the legacy tables), `platform.sql` (the platform before a
 * migration), and `truth.csv` (who on the platform was made to resemble which row, and how).
 */
export async function generateSample(plan: Plan, folder: string): Promise<void> {
  const legacy = join(folder, "legacy");
  await mkdir(legacy, { recursive: true });
  const csv = (
    name: string,
    columns: string[],
    rows: Iterable<readonly (string | number | null)[]>,
  ) => writeLines(join(legacy, `${name}.csv`), csvLines(columns, rows));
  await csv("formations", ["id", "nom", "prix", "duree", "created_at", "updated_at"], formations());
  await csv(
    "session_ecoins",
    ["id", "code", "formation_id", "date_debut", "date_fin", "created_at", "updated_at"],
    sessions(plan),
  );
  await csv("stagiaires", STUDENT_COLUMNS, stagiaires(plan));
  await csv("archives", [...STUDENT_COLUMNS, "archived_at"], archives(plan));
  await writeLines(join(folder, "platform.sql"), sqlLines(platformTables(plan)));
  await writeLines(
    join(folder, "truth.csv"),
    csvLines(["source_table", "legacy_id", "kind", "platform_table", "platform_id"], truth(plan)),
  );
}

const MADE = "2014-01-02 08:00:00";

function* formations(): Generator<Fields> {
  for (const [i, { name }] of FORMATIONS.entries()) {
    const price = i % 6 === 5 ? null : `${15_000 + 1_000 * i}.00`;
    yield [String(i + 1), name, price, i % 4 === 3 ? null : `${1 + (i % 6)} mois`, MADE, MADE];
  }
}

function* sessions(plan: Plan): Generator<Fields> {
  for (const { id, code, formation } of legacySessions(plan)) {
    const year = 2014 + (id % 10);
    const starts = id % 13 === 0 ? "0000-00-00" : `${year}-0${1 + (id % 6)}-15`;
    const ends = id % 11 === 0 ? null : `${year}-${10 + (id % 3)}-15`;
    yield [
      String(id),
      code,
      formation === null ? null : String(formation),
      starts,
      ends,
      MADE,
      MADE,
    ];
  }
}

function* truth(plan: Plan): Generator<(string | number)[]> {
  for (const on of ["users", "crm_leads"] as const) {
    for (const { id, resembles } of platformPeople(plan, on)) {
      if (resembles === null) continue;
      const { table, id: legacyId } = whereIs(plan, resembles.row);
      yield [table, legacyId, resembles.kind, on, id];
    }
  }
}
