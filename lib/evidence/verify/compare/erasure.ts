import { Findings } from "../say.ts";
import { type Evidence, entriesOf } from "./evidence.ts";

/** That the people of a run were erased (B13) is said by summary, log and rows alike. */
export function erasure(evidence: Evidence): string[] {
  const { facts, lists } = evidence;
  const found = new Findings();
  const { erased } = facts.summary;
  const [asked] = entriesOf(evidence, "erase");
  const done = entriesOf(evidence, "erased").length > 0;
  found.same(
    "who erased the people",
    erased?.by ?? "nobody",
    "summary.json",
    asked?.actor ?? "nobody",
    "the log",
  );
  found.unless(asked !== undefined || !done, "the log has the end of an erasure nobody asked for");
  found.unless(
    !done || lists.rows.identified === 0,
    "rows show something of people who were erased",
  );
  return found.all;
}

/** What is true when nothing contradicts. */
export const saysErasure = ({ facts }: Evidence): string =>
  facts.summary.erased === undefined
    ? "The people of the run are not erased."
    : `The people of the run were erased on ${facts.summary.erased.at} by ${facts.summary.erased.by}: only a bundle exported before shows that the rows are the reviewed ones.`;
