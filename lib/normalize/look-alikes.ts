import { stripInvisible } from "./text.ts";

/** Letters of other scripts that look like Latin ones, and the Latin letter. */
const ALIKE: ReadonlyMap<string, string> = new Map(
  (
    "аa еe оo рp сc уy хx іi јj ѕs ԁd һh ѵv ԛq ԝw вb кk мm нh тt " +
    "АA ВB ЕE КK МM НH ОO РP СC ТT ХX УY ІI ЈJ ЅS " +
    "αa εe ηn ιi κk νv οo ρp τt υu χx ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ıi"
  )
    .split(" ")
    .map((pair) => [[...pair][0] as string, [...pair][1] as string]),
);

/** The text with letters of other scripts as the Latin ones that they look like, and nothing invisible. */
export const asItLooks = (text: string): string =>
  Array.from(stripInvisible(text.normalize("NFC")), (letter) => ALIKE.get(letter) ?? letter).join(
    "",
  );

/** Which characters of a text are not what they look like, each as `о is U+043E, not o`. */
export function disguised(text: string): string[] {
  const found = new Set<string>();
  for (const letter of text.normalize("NFC")) {
    const code = `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    const like = ALIKE.get(letter);
    if (like !== undefined) found.add(`${letter} is ${code}, not ${like}`);
    else if (stripInvisible(letter) === "") found.add(`${code} cannot be seen`);
  }
  return [...found];
}
