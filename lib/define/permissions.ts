/** The six permissions (M14). */
export const permissions = [
  "legacy_imports.view",
  "legacy_imports.run",
  "legacy_imports.validate",
  "legacy_imports.review",
  "legacy_imports.commit",
  "legacy_imports.rollback",
] as const;

export type Permission = (typeof permissions)[number];
