import type { IdType, Migration, Reference } from "../../define/definition.ts";
import { referenceColumn, typesOf } from "../condition.ts";
import { idType, type KeyType, targetType } from "../keys.ts";
import type { StagedFrom } from "../rows.ts";
import type { PinnedExport, PinnedMapping } from "./export.ts";

/** What rows refer to, and where it is kept what that is on the platform. */
export interface PinnedReference {
  readonly name: string;
  readonly kind: "by_name" | "by_code" | "chosen";
  /** The legacy table. */
  readonly from: string;
  /** The staged column that names one. */
  readonly column: string;
  readonly legacyType: KeyType;
  readonly targetType: IdType;
  /** Its table in the schema `wavegate`, and columns of it; `label` is what the legacy system calls one. */
  readonly staging: {
    readonly table: string;
    readonly id: string;
    readonly label: string;
    readonly target: string;
  };
  /** Of a reference by code: the column that says which of its types one is, and the real one. */
  readonly type: { readonly column: string; readonly real: string | null } | null;
  /** Null in a pin that is older than this: what the platform calls one is not known. */
  readonly platform:
    | ({ readonly table: string; readonly id: string; readonly label: string } & Pick<
        Reference["platform"],
        "where"
      >)
    | null;
  /** What a placeholder is, for people. */
  readonly placeholder: string | null;
}

/** A migration's references, by name. */
export const pinReferences = (migration: Migration): PinnedReference[] =>
  Object.entries(migration.references).map(([name, reference]) => {
    const { staging, platform, from } = reference;
    const byName = reference.kind === "by_name";
    return {
      name,
      kind: reference.kind,
      from,
      column: referenceColumn(migration, name),
      legacyType: idType(migration, reference),
      targetType: targetType(reference),
      staging: {
        table: staging.table,
        id: staging.id,
        label: byName ? reference.staging.label : reference.staging.code,
        target: staging.target,
      },
      type: byName
        ? null
        : { column: reference.staging.type ?? "type", real: typesOf(reference).real },
      platform: {
        table: platform.table,
        id: platform.id,
        label: byName ? reference.platform.label : reference.platform.code,
        ...(platform.where === undefined ? {} : { where: platform.where }),
      },
      placeholder: byName ? null : (reference.placeholder?.says ?? null),
    };
  });

/** What a pin that is older than questions about rows knows of them. */
export interface OlderPin {
  readonly name: string | null;
  readonly exported: PinnedExport;
  readonly staging: StagedFrom & { readonly rows: string };
}

/** The references of a pin that is older than {@link PinnedReference}, as far as its exports know them. */
export const referencesOfExport = (
  mappings: readonly PinnedMapping[],
  { staging }: Pick<OlderPin, "staging">,
): PinnedReference[] =>
  mappings.flatMap(({ name, table, key, columns }): PinnedReference[] => {
    const [, label = key] = columns;
    const typed = columns.includes("confidence") ? undefined : columns[3];
    const target = columns[columns.indexOf("status") - (typed === undefined ? 2 : 1)] ?? key;
    if (!staging.columns.some(([column]) => column === key)) return [];
    return [
      {
        name,
        kind: typed === undefined ? "by_name" : "by_code",
        from: name,
        column: key,
        legacyType: "text",
        targetType: "text",
        staging: { table, id: key, label, target },
        type: typed === undefined ? null : { column: typed, real: null },
        platform: null,
        placeholder: null,
      },
    ];
  });
