import { plural } from "../services/words.ts";

/** The file of a reference's mappings, by its plural. */
export const mappingFile = (name: string): string => `mappings-${plural(name)}.csv`;

/** What it may be called: bundles of before 29 November 2026 made plurals by an s alone. */
export const mappingFiles = (name: string): readonly string[] => [
  mappingFile(name),
  `mappings-${name}s.csv`,
];
