import type { Effect, KeptColumns } from "./definition.ts";

/** The columns of targets that the platform keeps by itself, as a definition's `effects` say. */
export const keptColumns = (effects: Readonly<Record<string, Effect>>): readonly KeptColumns[] =>
  Object.values(effects).flatMap((effect) => (effect.kind === "keeps" ? effect.kept : []));

/** Those of one table. */
export const keptOf = (effects: Readonly<Record<string, Effect>>, table: string): string[] => [
  ...new Set(keptColumns(effects).flatMap((each) => (each.table === table ? each.columns : []))),
];
