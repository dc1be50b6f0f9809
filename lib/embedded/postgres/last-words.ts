/** Lines of the end of a log that are looked at: what comes before tells of earlier days. */
const end = 16;

/** What ends a server, or keeps it from starting; what it says to those who connect meanwhile is no reason. */
const reason =
  /\b(?:FATAL|PANIC):\s+(?!the database system is|terminating |password authentication)/u;
const more = /\b(?:DETAIL|HINT):/u;

/**
 * Why a server ended, or did not start, in its own words: what it gave as the reason, and not what it said of its shutdown
 * behind that; its last lines where it gave none.
 */
export function lastWords(log: string): string {
  const lines = log.trim().split("\n").slice(-end);
  const at = lines.findLastIndex((line) => reason.test(line));
  if (at === -1) return lines.slice(-3).join(" ");
  const behind = lines.slice(at + 1);
  const others = behind.findIndex((line) => !more.test(line));
  return [lines[at], ...(others === -1 ? behind : behind.slice(0, others))].join(" ");
}
