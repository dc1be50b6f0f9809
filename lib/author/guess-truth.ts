import { type Found, quote } from "./guess.ts";

/** Words for yes and for no, however they are written. */
export function byTruth(column: string, values: readonly string[]): Found {
  const words = [...new Set(values.map((value) => value.toLowerCase()))];
  const [yes, no] = truths.find(
    ([yes, no]) =>
      words.every((word) => yes.has(word) || no.has(word)) &&
      words.some((word) => yes.has(word)) &&
      words.some((word) => no.has(word)),
  ) ?? [undefined, undefined];
  if (yes === undefined) return undefined;
  const of = (known: ReadonlySet<string>) =>
    [...new Set(values)].filter((value) => known.has(value.toLowerCase())).map(quote);
  return {
    kind: "boolean",
    code: `boolean(${quote(column)}, { yes: [${of(yes).join(", ")}], no: [${of(no).join(", ")}] })`,
    because: `words for yes and no: ${words.join(", ")}`,
  };
}

/** Of several languages; and pairs that only together are yes and no: Access has -1 for yes, `O` and `N` are French. */
export const truths: readonly (readonly [yes: ReadonlySet<string>, no: ReadonlySet<string>])[] = (
  [
    [
      "1 y yes t true on oui ja x vrai wahr si sí sim verdadero verdadeiro vero waar sand sant sann tosi tak prawda ano pravda da evet doğru نعم صحيح ✓ ✔ ☑",
      "0 n no f false off non nein - faux falsch falso onwaar nej falsk falskt usann epätosi nee não nie fałsz ne nepravda hayır yanlış لا خطأ ✗ ✘ ☐",
    ],
    ["-1", "0"],
    ["o oui", "n non"],
    ["j ja", "n nein nej nee"],
    ["s si sí", "n no"],
  ] as const
).map(([yes, no]) => [new Set(yes.split(" ")), new Set(no.split(" "))]);
