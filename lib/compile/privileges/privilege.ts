/** A role's privilege on a table, a view, a function or a schema (named twice); with columns, on these alone. */
export interface Privilege {
  readonly role: string;
  readonly kind: "table" | "function" | "schema";
  readonly schema: string;
  readonly name: string;
  readonly may: "select" | "insert" | "update" | "delete" | "execute" | "usage";
  readonly columns?: readonly string[];
}

/** What of a table may be done: `true` for the whole of it, or the columns. */
export type Rights = Partial<Record<"insert" | "update", readonly string[] | true>> & {
  readonly delete?: true;
};

/** On some columns alone, where they are given. */
export const reads = (
  role: string,
  tables: readonly string[],
  columns?: readonly string[],
): Privilege[] =>
  tables.map((name) => ({
    role,
    kind: "table",
    schema: "wavegate",
    name,
    may: "select",
    ...(columns === undefined ? {} : { columns }),
  }));

export const enter = (role: string): Privilege => ({
  role,
  kind: "schema",
  schema: "wavegate",
  name: "wavegate",
  may: "usage",
});

export const execute = (role: string, name: string): Privilege => ({
  role,
  kind: "function",
  schema: "wavegate",
  name,
  may: "execute",
});

export function writes(role: string, tables: Readonly<Record<string, Rights>>): Privilege[] {
  return Object.entries(tables).flatMap(([name, rights]) =>
    Object.entries(rights).map(([may, columns]) => ({
      role,
      kind: "table" as const,
      schema: "wavegate",
      name,
      may: may as Privilege["may"],
      ...(columns === true ? {} : { columns }),
    })),
  );
}
