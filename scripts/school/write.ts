import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Row, School } from "./school.ts";

/** The dump's rows as SQL, for its schema. */
export const sqlOf = ({ tables }: School): string =>
  order
    .filter((table) => tables[table] !== undefined)
    .map((table) => insertOf(table, tables[table] ?? []))
    .join("\n");

const order = [
  ...["auth.users", "course", "course_student", "learning_unit", "course_learning_unit_assignment"],
  ...["unit_section", "course_unit_section_status", "task_base", "regular_tasks", "mastery_tasks"],
  "submission",
];

function insertOf(table: string, rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {}).join(", ");
  return `insert into ${table} (${columns})
select ${columns} from jsonb_populate_recordset(null::${table}, $rows$${JSON.stringify(rows)}$rows$);`;
}

/** The file of new names, and the files that rows name. */
export async function writeFiles(school: School, subs: string, files: string): Promise<void> {
  await mkdir(subs, { recursive: true });
  const named = school.tables.user_subs ?? [];
  const lines = ["legacy_id,sub", ...named.map(({ legacy_id, sub }) => `${legacy_id},${sub}`)];
  await writeFile(join(subs, "user_subs.csv"), `${lines.join("\n")}\n`);
  for (const [name, bytes] of school.files) {
    await mkdir(dirname(join(files, name)), { recursive: true });
    await writeFile(join(files, name), bytes);
  }
  for (const [name, to] of school.links) {
    await mkdir(dirname(join(files, name)), { recursive: true });
    await symlink(to, join(files, name));
  }
  await writeFile(join(files, "..", "outside.pdf"), "%PDF-1.4 not to be read");
}
