/** What stands between the names and values of a condition, the longest first; values stand in quotes and stay. */
const parts: readonly (readonly [english: RegExp, french: string])[] = [
  [/\beverything else\b/gu, "tout le reste"],
  [/ of the row that is there is before /gu, " de la ligne qui existe est avant "],
  [/ of the row that is there is /gu, " de la ligne qui existe vaut "],
  [/ is another than /gu, " diffère de "],
  [/ is before /gu, " est avant "],
  [/ is at least /gu, " est au moins "],
  [/ is below /gu, " est moins de "],
  [/ is written\b/gu, " est écrit"],
  [/ is over\b/gu, " est passé"],
  [/ was said\b/gu, " est indiqué"],
  [/ is /gu, " vaut "],
  [/ and /gu, " et "],
  [/ or /gu, " ou "],
  [/(^|[ (])not /gu, "$1pas "],
  [/(^|[ (])no (?=\w)/gu, "$1sans "],
  [/(^|[ (])some (?=\w)/gu, "$1avec "],
];

/** A condition in the words of `lib/compile/pin/condition-words.ts`, in French. */
export const ruleInFrench = (rule: string): string =>
  rule
    .split(/(“[^”]*”)/u)
    .map((piece) =>
      piece.startsWith("“")
        ? `« ${piece.slice(1, -1)} »`
        : parts.reduce((text, [english, french]) => text.replace(english, french), piece),
    )
    .join("");
