import { fileURLToPath } from "node:url";
import { openSource } from "../../lib/sources/open.ts";

/** The committed sample. */
export const SAMPLE = fileURLToPath(new URL("../../migrations/ecoin/sample", import.meta.url));

const STUDENT = [
  "id",
  "nom",
  "prenom",
  "date_naissance",
  "telephone",
  "email",
  "statut",
  "formation_id",
  "session_ecoin_id",
  "created_at",
] as const;

export type Student = Record<(typeof STUDENT)[number], string | null> & { table: string };

/** All student rows of a sample folder. */
export async function students(folder = SAMPLE): Promise<Student[]> {
  const found: Student[] = [];
  for (const table of ["stagiaires", "archives"]) {
    for (const row of await everyRow(folder, table, STUDENT)) {
      const named = Object.fromEntries(STUDENT.map((column, i) => [column, row[i] ?? null]));
      found.push({ ...(named as Omit<Student, "table">), table });
    }
  }
  return found;
}

/** All rows of one table of a sample folder. */
export async function everyRow(folder: string, table: string, columns: readonly string[]) {
  const source = await openSource({
    driver: "csv",
    connection: "sample",
    path: `${folder}/legacy`,
  });
  const rows: (string | null)[][] = [];
  const all = { table, after: null, upTo: null };
  for await (const page of source.read(table, "id", columns, all, 1_000)) rows.push(...page);
  return rows;
}
