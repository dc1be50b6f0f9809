export { words } from "../services/words.ts";

/** A moment as `2026-11-20 14:05 UTC`; from ISO 8601 or PostgreSQL's own text in UTC. */
export function moment(text: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})/.exec(text);
  return found ? `${found[1]} ${found[2]} UTC` : text;
}

/** The same to the second, where things follow each other within a minute. */
export function instant(text: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})/.exec(text);
  return found ? `${found[1]} ${found[2]} UTC` : text;
}
