import { type CatalogType, type ColumnType, columnType, unknownTypes } from "./column-types.ts";
import type { Lease } from "./databases.ts";

/** What the databases' catalogs say about types that PostgreSQL does not bring itself. */
export class TypeCatalog {
  readonly #known = new Map<string, Map<number, CatalogType>>();

  /** @throws {ServiceError} UnsupportedResultException */
  async typesOf(lease: Lease, oids: readonly number[]): Promise<ColumnType[]> {
    const known = this.#known.get(lease.place) ?? new Map<number, CatalogType>();
    this.#known.set(lease.place, known);
    const asked = unknownTypes(oids).filter((oid) => !known.has(oid));
    if (asked.length > 0) {
      const { rows } = await lease.client.query<CatalogType>(
        "SELECT oid, typname, typtype FROM pg_type WHERE oid = ANY ($1)",
        [asked],
      );
      for (const row of rows) known.set(row.oid, row);
    }
    return oids.map((oid) => columnType(oid, known));
  }
}
