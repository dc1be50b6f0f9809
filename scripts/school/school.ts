/** A school as its dump has it: rows by table, and the files that rows name. What kind of dirt a row is, stands beside. */
export interface School {
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  /** Bytes by name below the place of files; `link` is a link to a path. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly links: ReadonlyMap<string, string>;
  /** Kinds by `entity key`, the key as staging has it. */
  readonly kinds: ReadonlyMap<string, string>;
}

export type Row = Readonly<Record<string, unknown>>;

/** What a school is built up in. */
export class Builder {
  readonly tables: Record<string, Row[]> = {};
  readonly files = new Map<string, Buffer>();
  readonly links = new Map<string, string>();
  readonly kinds = new Map<string, string>();

  /** A row of a table. */
  add(table: string, row: Row): void {
    this.tables[table] ??= [];
    this.tables[table].push(row);
  }

  /** A row that is one of an entity, of a kind of dirt. */
  plant(entity: string, key: string | readonly unknown[], kind: string): void {
    this.kinds.set(
      `${entity} ${typeof key === "string" ? key : JSON.stringify(key.map(String))}`,
      kind,
    );
  }
}

/** An id that tells its table and number. */
export const id = (table: number, n: number): string =>
  `${String(table).padStart(8, "0")}-0000-4000-8000-${String(n).padStart(12, "0")}`;
export const userId = (n: number) => id(1, n);
export const courseId = (n: number) => id(2, n);
export const unitId = (n: number) => id(3, n);
export const sectionId = (n: number) => id(4, n);
export const materialId = (n: number) => id(5, n);
export const taskId = (n: number) => id(6, n);
export const submissionId = (n: number) => id(7, n);

/** A moment in spring, so many days after the first of March 2025. */
export const day = (n: number, clock = "08:00:00+00"): string =>
  `${new Date(Date.UTC(2025, 2, 1 + n)).toISOString().slice(0, 10)} ${clock}`;

/** How large a school is made. */
export interface Size {
  readonly students: number;
  readonly teachers: number;
  readonly courses: number;
  readonly submissions: number;
}
