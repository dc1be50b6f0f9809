/** A key as a column of texts holds it: PostgreSQL's have no NUL. */
export const writeKey = (key: string | null): string | null =>
  key === null ? null : key.replaceAll("\\", "\\\\").replaceAll("\0", "\\0");

/** What {@link writeKey} wrote of a key. */
export const readKey = (written: string | null): string | null =>
  written === null
    ? null
    : written.replaceAll(/\\([0\\])/g, (_, mark) => (mark === "0" ? "\0" : "\\"));
