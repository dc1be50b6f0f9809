/** How a language writes names in Latin letters: those beyond ASCII, and where they stand, if not anywhere. */
interface Language {
  readonly letters: string;
  /** What a word, in small letters, never looks like in it. */
  readonly never?: RegExp;
  /** What each word has to look like. */
  readonly always?: RegExp;
}

const VOWEL = "[aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿąęăőű]";

/** A `č` that was an è: `Hélčne`, `Agnčs`. */
const OPEN_E = "[^aeiour]č[^aeiouk]es?$|[^aeiouāēīū]čs$|ič[vr]e$|rč[ns]e$";

/**
 * The neighbours are what tells letters that are read in a wrong character set from the same letters where
 * they belong: an `ø` behind an `o`, as in `Dvoøák`, is Danish nowhere, and a `þ` at the end not Icelandic.
 * Where a language is not listed, or a letter of it, nothing is concluded (`isWritten`).
 */
const LANGUAGES: readonly Language[] = [
  // French, with Alsace's and Brittany's names.
  {
    letters: "àâæçéèêëîïôöœùûüÿñ",
    never: new RegExp(
      [
        `è(?:${VOWEL}|[kjwx]|$(?<!n[oe]è))|eè|ê(?:${VOWEL}|n(?!e)|[bdgjkpwxz])|iê|sz|cz|(?<![aeiouyàéü])ë`,
        `ç(?:[^aouôâéèêï]|$)|(?<![aeiouyéàâ])ï|ñ(?!${VOWEL}|ch|v)|ÿ(?!e?s?$)`,
        `î(?!t|n|ch|s|l[aeo])|oî(?!t)|ô[aouôg]|[aiou]ô|(?<!g)eô|û(?!t|ch|l|r|m|ne)|iû|ù(?!$)|à[b-df-hj-np-rtv-xz]`,
        `${VOWEL}[œæ]|^œ[lwgfvkz]|œ[wzk]`,
      ].join("|"),
    ),
  },
  // Spanish, Galician, Basque, names of America and the Philippines; Catalan.
  { letters: "áéíóúüñ", never: new RegExp(`ñ(?!${VOWEL})`) },
  { letters: "àèéíïòóúüç·", never: /è[aeiouàéíòóú]|[íaei]è|[aeoy]ò|[^aeiou]ï|[kw]/ },
  // Portuguese: a nasal stands before o, e, s or at the end.
  {
    letters: "áâãàçéêíóôõúü",
    never: /ã(?!o|e|s$|$|zinh)|õ(?!e)|ç(?![aouáãâóôõú])|[êâ][eo]|ê[bdgkpz]|iê|sz|cz|rz|sk|[^a-z]ck/,
  },
  // Italian, at the end; Scottish.
  { letters: "àáèéìíîòóùúç", never: /[àìòù](?!$)|[aie]è|[aeoy]ò|è(?!$)|[íîáç]/ },
  {
    letters: "àèìòù",
    never: /[jkqvwxyz]|[aoy]ò/,
    always: /[bcdfgmpst]h|nn|ll|ai|ài|ao|ea|ei|eò|io|ìo|^(?:sìne|mòrag|ròs|pòl|tòmas|sìm)$/,
  },
  // German, Swedish, Finnish, Dutch, Luxembourgish.
  { letters: "äöüßåéëïšž", never: /(?<![aeou])ï|^ß|[ou][üö]/ },
  // Danish and Norwegian.
  {
    letters: "æøåéüöä",
    never: /[aeiouæøåí]ø|[aeiouyæøå]æ|ø[aouíá]|^øe?ho|øej|øich|[dtpk]øe|[bdkpv]øi|bøe[tz]/,
  },
  // Icelandic and Faroese, whose ð and þ stand where their names have them.
  {
    letters: "áéíóúýþæöðøåë",
    never: new RegExp(
      [
        "[cqwz]|[aeiouáéíóúýæöø][øæ]|ø[aeiouíáéóú]|^ð",
        "(?<!^|[rlnsgkfmdtb]|ey|au|ei)þ|(?<=.)þ(?!ór|or|rú|rá|ru|ve|uríð|úr|ja|jó|rí|eó|ó|ú)",
        "^þ(?![óöúýíáæ]|or|ol|un|ur|r|j|v|y|ei|eng|eó|el|ið|ak|ang|al)",
        "^ý(?![rm]|$)|ý.*ý|(?<!n|d|t|l|h|s|r|^|b|f|k|m)ý|ý[bcgktxz]|[^d]rý|dý[^r]|(?<![bn]|g[nr])[bfkm]ý|tý[^r]|ký|lý[^ð]|sý[^rn]",
      ].join("|"),
    ),
    always: /^[^ð]*$|[áéíóúýæþö]|rð|guð|frið|heið|eið|auð|eyð|við|eðv|heðin|leðu|goði|boði|aðal/,
  },
  // Czech and Slovak.
  {
    letters: "áčďéěíĺľňóôŕřšťúůýžäöüë",
    never:
      /ď(?![aeiouyáéíóúů]|k|$)|ý.*(?:ý[^$]|[äöü])|(?<=[aeiouyáéíóú].*)(?<!t|ld)ý(?:[nmk]$|[nmlk][aeiou]|l[bdgmnpsv])|(?<=[aeiou].*)ý[rb]|^ý|^altý|[aeiou]ý|[wxq]ý|ě[aeouáí]|cý$|ľ[áéí]|[^aeiouyáéíóúůýě]č[^aeiouyáéíóúůýěk]es?$|[^aeiouáéíóúýě]čs$|ič[vr]e$|rč[ns]e$/,
  },
  // Polish.
  { letters: "ąćęłńóśźżéüöáë", never: /^[ąęń]|[aeou]ą|[ąę][aeou]/ },
  // Hungarian, Romanian, Moldovan.
  { letters: "áéíóöőúüűäë" },
  { letters: "ăâîșțşţéüöáó", never: /[aou]ă|ă[ăa]|^ă|[șşțţ][șşțţbcgz]/ },
  // The south Slavs, in Latin letters.
  { letters: "čćđšžéíáäöü", never: new RegExp(`^ć$|${OPEN_E}`) },
  // Turkish, Azerbaijani, Tatar, Kurdish; Turkmen.
  {
    letters: "çğıöşüâîûəê\u0307",
    never: /(?<![aeıioöuüâîûəê])ğ|[wxq].*ğ|sz|cz|rz|sk[iy]|ck|iê/,
  },
  { letters: "çäžňöşüý", never: /(?<![aeiouäöüý])ý|^ý/ },
  // Baltic.
  { letters: "āčēģīķļņšūžōŗ", never: new RegExp(OPEN_E) },
  { letters: "ąčęėįšųūžłńóé", never: new RegExp(OPEN_E) },
  { letters: "äõöüšž", never: /(?<=[aeiouäöü].*)õ|sz|gy|cs|cz|zs/ },
  // Albanian, Maltese, Welsh, Irish, Esperanto, Berber, Sami.
  { letters: "çëéá" },
  { letters: "ċġħżàèìòù", always: /[ċġħż]/ },
  { letters: "âêîôûŵŷáéíóúẁẃàèïö", never: /[kjqvxz]/, always: /^[^áàèé]*$|[ŵŷẁẃ]/ },
  { letters: "ĉĝĥĵŝŭ" },
  { letters: "čḍɛǧɣḥṛṣṭẓṯḏžγε", never: new RegExp(OPEN_E) },
  { letters: "áčđŋšŧžâäöåøæï", never: /[aeiouáåø][øæ]|ø[aeiouáåø]|čs$|č[^aeiou]e$/ },
  // Yoruba without the dots below: open syllables with tones.
  {
    letters: "áàéèíìóòúùńǹ",
    always:
      /^(?=.*[àèìòù])(?=.*[áéíóú])[aeiouáàéèíìóòúù]?(?:(?:gb|sh|[bdfgjklmnprstwy])[aeiouáàéèíìóòúù])*n?$/,
  },
  // Transliterated Arabic, Persian, Sanskrit and Japanese; languages of Africa and the Pacific.
  {
    letters: "āīūōēḥṣḍṭẓġḫšṯḏǧčżẖṇṅñśṛṃḷáíúóéç",
    never: new RegExp(`ñ(?![aāiīuūejcñ])|cz|${OPEN_E}`),
  },
  {
    letters: "ẹọṣáàéèíìóòúùńǹḿịụṅēōāīūɔɛŋɖƒɣʋɓɗƙƴãõĩũẽ",
    always: /[ẹọṣịụṅɔɛŋɖɣʋɓɗƙƴ]|[\u0300\u0301]|ḿ|ǹ/,
  },
];

const VIETNAMESE =
  /^(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvxy])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?$/;
const ONE_MARK = /[\u0300\u0301\u0303\u0309\u0323]/gu;
/** A syllable that ends in a stop has none of three tones. */
const STOPPED = /[\u0300\u0303\u0309].*(?:c|ch|p|t)$/u;
const DOUBLED = /aa|ee|ii|oo|uu|yy|eo[aeiouy]/;
const BASE = /[\u0300-\u036F]/gu;

/** Vietnamese is written in single syllables of one tone each. */
function isVietnamese(word: string): boolean {
  const apart = word.normalize("NFD");
  if (STOPPED.test(apart) || DOUBLED.test(apart.replace(ONE_MARK, ""))) return false;
  return (apart.match(ONE_MARK)?.length ?? 0) <= 1 && VIETNAMESE.test(apart.replace(BASE, ""));
}

/** For each letter, by a bit each, the languages that have it. */
const having = new Map<string, number>();
for (const [at, { letters }] of LANGUAGES.entries()) {
  for (const letter of letters) having.set(letter, (having.get(letter) ?? 0) | (1 << at));
}

/** The languages that have all letters of a word, by a bit each. */
function spelling(word: string): number {
  let all = -1;
  for (const letter of word) {
    if (letter > "\u007F" && letter !== "’") all &= having.get(letter) ?? 0;
  }
  return all;
}

const looksLike = (word: string, { never, always }: Language): boolean =>
  !never?.test(word) && (always === undefined || always.test(word));

const fits = (word: string, at: number): boolean =>
  (spelling(word) & (1 << at)) !== 0 && looksLike(word, LANGUAGES[at] as Language);

/** Whether a word of Latin letters, in small ones, is written as some language does. */
export const isWritten = (word: string): boolean =>
  isOneOf(word, spelling(word)) || isVietnamese(word);

const isOneOf = (word: string, spelled: number): boolean =>
  spelled !== 0 &&
  LANGUAGES.some((language, at) => (spelled & (1 << at)) !== 0 && looksLike(word, language));

/** Whether it may be French, which is what most accented names of the Maghreb are written in. */
export const isFrench = (word: string): boolean => fits(word, 0);

/** Whether it is French as it is spelled, and not only made of French letters: no `chèrif`, no `andrè`. */
export const isPlainFrench = (word: string): boolean => isFrench(word) && !MISSPELLED.test(word);
/** Neither an open è before a full vowel, nor an é before a silent e. */
const MISSPELLED = /è[^aeiouy][aiouyéà]|è$|oî(?!t)|[ao]è|è(?:[lnmr]$|([lnmtrs])\1)|é[^aeiouyé]es?$/;

/** Whether one of the languages with most names of accented letters writes it. */
export const isCommon = (word: string): boolean =>
  [1, 3, 6, 7, 9, 10, 11].some((at) => fits(word, at)) ||
  (fits(word, TURKISH) && !/[âîûê]/.test(word));

/** Whether it may be Turkish: two vowels stand beside each other in few of its words. */
export const isTurkish = (word: string): boolean => fits(word, TURKISH) && !TWO_VOWELS.test(word);
const TURKISH = LANGUAGES.findIndex(({ letters }) => letters.includes("ğ"));
const TWO_VOWELS = /[aeıioöuü][eıioöü]/;
