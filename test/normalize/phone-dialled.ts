import metadata from "libphonenumber-js/max/metadata";

const pick = <Item>(list: readonly Item[], random: () => number): Item =>
  list[Math.floor(random() * list.length)] as Item;

/** A text that a pattern of the metadata matches whole; they are made of digits, classes and groups. */
export function matching(pattern: string, random: () => number): string {
  let at = 0;
  const alternatives = (): string => {
    const found = [sequence()];
    while (pattern[at] === "|") {
      at += 1;
      found.push(sequence());
    }
    return pick(found, random);
  };
  const sequence = (): string => {
    let text = "";
    while (at < pattern.length && !"|)".includes(pattern[at] as string)) {
      const start = at;
      let once = piece();
      const [least, most] = times();
      const after = at;
      const count = least + Math.floor(random() * (most - least + 1));
      for (let i = 0; i < count; i++) {
        text += once;
        at = start;
        once = piece();
      }
      at = after;
    }
    return text;
  };
  const piece = (): string => {
    const char = pattern[at++] as string;
    if (char === "\\") return pattern[at++] === "d" ? String(Math.floor(random() * 10)) : "";
    if (char === "$") return "";
    if (char === "[") return pick(classOf(), random);
    if (char !== "(") return char;
    if (pattern.startsWith("?:", at)) at += 2;
    const text = alternatives();
    at += 1;
    return text;
  };
  const classOf = (): string[] => {
    const inside = pattern.slice(at, pattern.indexOf("]", at));
    at += inside.length + 1;
    return [..."0123456789"].filter((digit) => new RegExp(`[${inside}]`).test(digit));
  };
  const times = (): [number, number] => {
    if (pattern[at] === "?") {
      at += 1;
      return [0, 1];
    }
    const stated = /^\{(\d+)(?:,(\d+))?\}/.exec(pattern.slice(at));
    if (!stated) return [1, 1];
    at += stated[0].length;
    return [Number(stated[1]), Number(stated[2] ?? stated[1])];
  };
  return alternatives();
}

/** Every region of the metadata. */
export const regions = Object.keys(metadata.countries);

/** A national number of a region by its patterns, plainly dialled and nearly so. */
export function dialled(
  region: string,
  random: () => number,
): { readonly plain: readonly string[]; readonly near: readonly string[] } {
  const plan = metadata.countries[region as keyof typeof metadata.countries] as unknown as string[];
  const [code = "", abroad = "", , , , own, , parsing] = plan;
  const types = (plan[11] as unknown as ([string] | 0)[]).flatMap((type) =>
    type ? [type[0]] : [],
  );
  const national = matching(pick(types, random), random);
  const before = () => matching(parsing || own || "", random);
  return {
    plain: [national, `${own || ""}${national}`, `+${code}${national}`],
    near: [
      `00${code}${national}`,
      `${matching(abroad, random)}${code}${national}`,
      `${code}${national}`,
      `${code}${own || "0"}${national}`,
      `+${code}${own || "0"}${national}`,
      `${before()}${national}`,
      `+${code}${before()}${national}`,
      `0${national}`,
      national.slice(0, -1),
      national.slice(1),
      // Without an area code, which some regions' plans put before it.
      national.slice(3),
      `${national}${Math.floor(random() * 10)}`,
      `+${pick(Object.keys(metadata.country_calling_codes), random)}${national}`,
    ],
  };
}

/** A number with one digit different, or with separators in it, or as it is. */
export function disturbed(text: string, random: () => number): string {
  const at = 1 + Math.floor(random() * Math.max(1, text.length - 1));
  switch (Math.floor(random() * 4)) {
    case 0:
      return `${text.slice(0, at)}${Math.floor(random() * 10)}${text.slice(at + 1)}`;
    case 1:
      return text.replace(/(\d{2,3})(?=\d)/g, `$1${pick([" ", ".", "-", " - "], random)}`);
    default:
      return text;
  }
}
