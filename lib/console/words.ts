import { count, inWords, label, several, words } from "../services/words.ts";

export { count, inWords, label, several, words };

/** A share (0–1) as a percentage; never rounded to 0 % or 100 % when it is not. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  if (value < 100 && value > 99.9) return "> 99.9 %";
  return `${value.toLocaleString("en-GB", { maximumFractionDigits: 1 })} %`;
}

/** A moment as `2026-11-20 14:05 UTC`; from ISO 8601 or PostgreSQL's own text in UTC. */
export function moment(text: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})/.exec(text);
  return found ? `${found[1]} ${found[2]} UTC` : text;
}

/** A wave plan: `25, 100, 100, 250 rows, then 250 each`. */
export function wavePlan(plan: readonly number[]): string {
  const last = plan.at(-1);
  return last === undefined
    ? "none"
    : `${plan.map(count).join(", ")} ${plan.length === 1 && last === 1 ? "row" : "rows"}, then ${count(last)} each`;
}
