import type { PinnedMapping } from "../shown/export.ts";
import type { Pin, PinnedEntity } from "./pin.ts";

/** A pin as it was stored while a migration had one kind of things. */
export interface PinOfFormatTwo extends Omit<Pin, "format" | "entities" | "mappings"> {
  readonly format: 2;
  readonly staging: PinnedEntity["staging"];
  readonly exported: PinnedEntity["exported"] & { readonly mappings: readonly PinnedMapping[] };
}

/** The same as a pin of today. */
export function fromFormatTwo({ staging, exported, ...pin }: PinOfFormatTwo): Pin {
  const { mappings, ...shown } = exported;
  return { ...pin, format: 3, entities: [{ name: null, staging, exported: shown }], mappings };
}
