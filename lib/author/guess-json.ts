import { type Found, nearlyAll, quote, share } from "./guess.ts";

/** Names of an object that are offered: of more somebody chooses. */
const namesAtMost = 6;
/** What some programs write for a number that is none, and no JSON has. */
const noNumber = /(?<=[[:,]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/gu;

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What objects call their fields: no address, number or sentence, by which somebody may be known. */
const isName = (key: string): boolean => /^[\p{L}_][\p{L}\p{N}_-]{0,39}$/u.test(key);

/** A list or an object; undefined of any other text. */
function parsed(value: string): object | undefined {
  if (!/^[[{]/u.test(value)) return undefined;
  try {
    const found: unknown = JSON.parse(value.replaceAll(noNumber, "null"));
    return typeof found === "object" && found !== null ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Lists or objects, and what is told of them: what makes rows or columns of what is in them, and what is none. */
export function byJson(column: string, values: readonly string[]): Found {
  // An array of PostgreSQL's that is empty looks like an object that is.
  if (values.every((value) => value === "{}")) return undefined;
  if (share(values, (value) => parsed(value) !== undefined) < nearlyAll) return undefined;
  const all = values.flatMap((value) => parsed(value) ?? []);
  const lists = values.map(parsed).filter((each) => Array.isArray(each));
  const elements = lists.flat();
  const namesOf = (objects: readonly object[]) =>
    [column, ...new Set(objects.flatMap((each) => Object.keys(each)).filter(isName))]
      .slice(0, namesAtMost + 1)
      .map(quote)
      .join(", ");
  const inside =
    elements.length > 0 && elements.every(isObject)
      ? `lists of objects; each(TABLE, ${namesOf(elements)}) makes a row of each of them`
      : lists.length === 0 &&
          all.every(isObject) &&
          all.some((each) => Object.keys(each).length > 0)
        ? `objects; opened(joined(TABLE, {}), ${namesOf(all)}) has what is in them as columns`
        : "lists or objects";
  const unread = values.some((value) => value.replaceAll(noNumber, "") !== value)
    ? "; in some stands what is no JSON, such as NaN, and such rows are held"
    : "";
  return { kind: "json", code: `json(${quote(column)})`, because: `${inside}${unread}` };
}

/** Texts parted by U+001D, as FileMaker writes a field that repeats. */
export function byParts(column: string, values: readonly string[]): Found {
  if (!values.some((value) => value.includes("\u001D"))) return undefined;
  const by = quote("\u001D");
  return {
    kind: "list",
    code: `list(${quote(column)}, { by: ${by} })`,
    because: `texts parted by U+001D, as FileMaker writes a field that repeats; each(TABLE, ${quote(column)}, { by: ${by}, key: "item" }) makes a row of each of them`,
  };
}

/** An array as PostgreSQL writes it; an object of JSON has a name and a colon. */
export function byList(column: string, values: readonly string[]): Found {
  const isArray = (value: string) => /^\{.*\}$/su.test(value) && !/^\{\s*"[^"]*"\s*:/u.test(value);
  if (share(values, isArray) < nearlyAll) return undefined;
  const repeats = values.some(
    (value) => new Set(value.slice(1, -1).split(",")).size < value.split(",").length,
  );
  return {
    kind: "list",
    code: `list(${quote(column)}${repeats ? ', { repeated: "kept" }' : ""})`,
    because: `arrays: a text of each element${repeats ? ", as often as it stands there" : ""}`,
  };
}
