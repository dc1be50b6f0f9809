/** Words that stand in nearly every English sentence, and in no French one. */
const english =
  /(?<![\p{L}\p{N}-])(?:the|is|are|was|were|been|of|and|it|its|this|that|these|those|by|to|for|from|with|not|nothing|has|have|had|be|would|which|who|what|whose|every|each|there|they|somebody|nobody|only|after|before|when|because|if)(?![\p{L}\p{N}-])/iu;

/** What of a page is no sentence: its head, code, what was sent to it, a choice in another language, and what is said to be English. */
const apart =
  /<head>.*?<\/head>|<(code|pre|script|style|svg|textarea)\b.*?<\/\1>|<(button|p)\b[^>]* lang="[^"]*".*?<\/\2>/gsu;

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&#96;": "`",
};

/** Every piece of text of a page, labels that are heard and not seen among them, that reads as English. */
export function englishIn(page: string): string[] {
  const shown = page.replace(apart, " ");
  const pieces = [
    ...shown.split(/<[^>]*>/u),
    ...[...shown.matchAll(/(?:aria-label|title|placeholder)="([^"]*)"/gu)].map(
      ([, of]) => of ?? "",
    ),
  ];
  return englishLines(
    pieces.map((piece) =>
      piece.replaceAll(/&(?:amp|lt|gt|quot|#39|#96);/gu, (each) => entities[each] ?? ""),
    ),
  );
}

/** The lines that read as English; commands and addresses are nobody's language. */
export const englishLines = (lines: readonly string[]): string[] =>
  lines
    .map((line) => line.replaceAll(/\s+/gu, " ").trim())
    .filter((line) => english.test(line.replaceAll(/wavegate [a-z-]+ .*|\S*[@/:_]\S*/gu, "")));
