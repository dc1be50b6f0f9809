import type pg from "pg";
import type { ColumnType } from "./column-types.ts";

/** A table's column as the catalogs know it. */
interface Origin {
  readonly table: string;
  readonly notNull: boolean;
  readonly generated: boolean;
}

/** Lookups, which cost half of what joins do; all columns of a table, as the next statement asks for others of it. */
const ORIGINS = `
  SELECT a.attrelid AS "tableID", a.attnum AS "columnID",
         (SELECT c.relname FROM pg_class c WHERE c.oid = a.attrelid) AS "table",
         a.attnotnull AS "notNull",
         a.attidentity <> '' OR a.atthasdef AND (
           SELECT pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'
             FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) AS "generated"
    FROM pg_attribute a
   WHERE a.attrelid = ANY ($1::oid[])`;

/** The service's `columnMetadata` for the columns of a result. */
export async function columnMetadata(
  client: pg.ClientBase,
  fields: readonly pg.FieldDef[],
  types: readonly ColumnType[],
): Promise<Record<string, unknown>[]> {
  const origins = await originsOf(client, fields);
  return fields.map((field, i) => {
    const type = types[i] as ColumnType;
    const origin = origins.get(`${field.tableID}.${field.columnID}`);
    return {
      arrayBaseColumnType: type.array ? type.jdbc : 0,
      isAutoIncrement: origin?.generated ?? false,
      isCaseSensitive: type.kind === "text",
      isCurrency: false,
      isSigned: type.kind === "long" || type.kind === "double" || type.kind === "decimal",
      label: field.name,
      name: field.name,
      // JDBC: 0 no nulls, 1 nullable, 2 unknown (expressions).
      nullable: origin ? (origin.notNull ? 0 : 1) : 2,
      ...sizes(type, field.dataTypeModifier),
      schemaName: "",
      tableName: origin?.table ?? "",
      type: type.array ? JDBC_ARRAY : type.jdbc,
      typeName: type.name,
    };
  });
}

const JDBC_ARRAY = 2003;

/**
 * What a connection knows of columns, by the numbers of table and column: asked once of each table, as PostgreSQL's JDBC driver does, which
 * keeps up to 65,536 of them for each connection (`databaseMetadataCacheFields`). That the service stands on that driver
 * and leaves the setting as it is, is assumed. A table that is made anew has another number.
 */
const known = new WeakMap<pg.ClientBase, Map<string, Origin>>();

async function originsOf(
  client: pg.ClientBase,
  fields: readonly pg.FieldDef[],
): Promise<ReadonlyMap<string, Origin>> {
  const origins = known.get(client) ?? new Map<string, Origin>();
  known.set(client, origins);
  const asked = fields.filter(
    ({ tableID, columnID }) => tableID !== 0 && !origins.has(`${tableID}.${columnID}`),
  );
  if (asked.length === 0) return origins;
  const { rows } = await client.query(ORIGINS, [[...new Set(asked.map(({ tableID }) => tableID))]]);
  for (const row of rows) origins.set(`${row.tableID}.${row.columnID}`, row);
  return origins;
}

const DIGITS: Readonly<Record<string, number>> = {
  bool: 1,
  int2: 5,
  int4: 10,
  int8: 19,
  float4: 8,
  float8: 17,
  date: 13,
  time: 15,
  timestamp: 29,
  timestamptz: 35,
};

const UNLIMITED = 2_147_483_647;

/** Precision and scale; a numeric's and a varchar's are in the type modifier, four too large. */
function sizes(type: ColumnType, modifier: number): { precision: number; scale: number } {
  if (type.kind === "decimal") {
    if (modifier < 0) return { precision: 0, scale: 0 };
    return { precision: (modifier - 4) >> 16, scale: (modifier - 4) & 0xffff };
  }
  const digits = DIGITS[type.name];
  if (digits !== undefined) return { precision: digits, scale: 0 };
  return { precision: modifier >= 4 ? modifier - 4 : UNLIMITED, scale: 0 };
}
