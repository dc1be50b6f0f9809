import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "csv-stringify/sync";
import type { TestServices } from "./services.ts";

/** A legacy row: columns that are not named have the value of an ordinary trained person. */
export type LegacyFields = Readonly<Record<string, string | null>>;

const sample = fileURLToPath(new URL("../../migrations/ecoin/sample/legacy/", import.meta.url));
const TABLES = ["stagiaires", "archives", "formations", "session_ecoins"] as const;
const PERSON =
  "id,nom,prenom,date_naissance,telephone,email,adresse,niveau,statut,formation_id,session_ecoin_id,remarque,created_at,updated_at";

/**
 * Points the connection `legacy` at a folder of the test's own. `stagiaires` are people numbered from
 * 1, each with a name, a birth date and a phone of its own unless it says otherwise; there are no
 * archives. Tables given as text are files as they stand; the others are the sample's.
 */
export async function legacyFolder(
  test: TestServices,
  stagiaires: readonly LegacyFields[] | string,
  files: Partial<Record<(typeof TABLES)[number], string>> = {},
): Promise<{ remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  const text = typeof stagiaires === "string" ? stagiaires : people(stagiaires);
  const given: Partial<Record<string, string>> = {
    archives: `${PERSON},archived_at\n`,
    ...files,
    stagiaires: text,
  };
  for (const table of TABLES) {
    const path = join(folder, `${table}.csv`);
    const content = given[table];
    if (content === undefined) await copyFile(join(sample, `${table}.csv`), path);
    else await writeFile(path, content);
  }
  test.legacy.LEGACY_DB_PATH = folder;
  return { remove: () => rm(folder, { recursive: true, force: true }) };
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** A name that resembles no other: `n` spelled in letters, each three times. */
const nameOf = (n: number): string =>
  [...String(n)].map((digit) => (LETTERS[Number(digit) + 10] ?? "").repeat(3)).join("");

function people(rows: readonly LegacyFields[]): string {
  const columns = PERSON.split(",");
  const records = rows.map((fields, index) => {
    const n = index + 1;
    const whole: LegacyFields = {
      id: String(n),
      nom: `Qu${nameOf(n)}`,
      prenom: `Z${nameOf(n + 5)}`,
      date_naissance: new Date(Date.UTC(1950, 0, n)).toISOString().slice(0, 10),
      telephone: `0551${String(n).padStart(6, "0")}`,
      email: null,
      adresse: null,
      niveau: null,
      statut: "Formée",
      formation_id: "1",
      session_ecoin_id: "3",
      remarque: null,
      created_at: "2020-01-01 08:00:00",
      updated_at: null,
      ...fields,
    };
    return columns.map((column) => whole[column] ?? null);
  });
  // Nothing between two commas is null, as databases write it.
  return `${PERSON}\n${stringify(records, { quoted_empty: true })}`;
}

/** Named columns of the run's rows of `stagiaires`, by legacy id. */
export async function outcomes(
  test: TestServices,
  run: string,
  columns: string,
): Promise<Record<string, Record<string, unknown>>> {
  const rows = await test.query<Record<string, unknown>>(
    `select s.legacy_id::text as key, ${columns} from wavegate.legacy_student_imports s
      where s.run_id = $1 and s.source_table = 'stagiaires' order by s.legacy_id`,
    [run],
  );
  return Object.fromEntries(rows.map(({ key, ...row }) => [String(key), row]));
}
