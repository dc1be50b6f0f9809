/** What a finding says of a row where a definition has no rule of its own about it, in French. */
export const findingsInFrench: Readonly<Record<string, string>> = {
  "Characters that no database keeps were removed from a text.":
    "Des caractères qu’aucune base de données ne garde ont été retirés d’un texte.",
  "A text holds what is no letter, as of a wrong character set.":
    "Un texte contient ce qui n’est pas une lettre, comme d’un mauvais jeu de caractères.",
  "Characters that cannot be seen were left out of a value.":
    "Des caractères invisibles ont été retirés d’une valeur.",
  "A text is too long to be kept whole.": "Un texte est trop long pour être gardé en entier.",
  "A part of the name holds something that is no name.":
    "Une partie du nom contient ce qui n’est pas un nom.",
  "Letters of the name are damaged.": "Des lettres du nom sont abîmées.",
  "In the name stands what is none: a number, an address, somebody else, what a program left.":
    "Le nom contient ce qui n’en est pas un : un numéro, une adresse, quelqu’un d’autre, ce qu’un programme y a laissé.",
  "The name consists of words that people enter for want of one.":
    "Le nom est fait de mots que l’on saisit à défaut d’un nom.",
  "The name is longer than any person's.":
    "Le nom est plus long que celui de n’importe quelle personne.",
  "A phone field holds something, but no valid number.":
    "Un champ de téléphone contient quelque chose, mais pas de numéro valable.",
  "A phone field holds a number, and beside it something that is none.":
    "Un champ de téléphone contient un numéro, et à côté ce qui n’en est pas un.",
  "So many rows carry this phone that it is nobody's.":
    "Tant de lignes ont ce téléphone qu’il n’est celui de personne.",
  "An e-mail field holds something that is not one valid address: none, or several.":
    "Un champ d’e-mail contient autre chose qu’une seule adresse valable : aucune, ou plusieurs.",
  "The e-mail is a known placeholder.": "L’e-mail est une valeur de remplissage connue.",
  "So many rows share this e-mail that it says nothing about a person.":
    "Tant de lignes partagent cet e-mail qu’il ne dit rien d’une personne.",
  "The birth date is the legacy system's zero date.":
    "La date de naissance est la date nulle de l’ancien système.",
  "The birth date field holds what is entered for want of one.":
    "La date de naissance contient ce que l’on saisit à défaut d’une date.",
  "The birth date cannot be one.": "La date de naissance ne peut pas en être une.",
  "The birth date is one that is entered for want of one, or a child's.":
    "La date de naissance est saisie à défaut d’une autre, ou celle d’un enfant.",
  "When the row was made cannot be read.": "La date de création de la ligne est illisible.",
  "What the row refers to cannot be read.": "Ce à quoi la ligne se rapporte est illisible.",
  "A text is one that is entered for want of one.":
    "Un texte est de ceux que l’on saisit à défaut d’un autre.",
  "A text is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.":
    "Un texte est ce qu’un tableur en a laissé : une erreur comme #N/A, un nombre abrégé, un signe devant des chiffres.",
  "A part of a template's text is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.":
    "Une partie du texte d’un modèle est ce qu’un tableur en a laissé : une erreur comme #N/A, un nombre abrégé, un signe devant des chiffres.",
  "A list has an element that is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.":
    "Un élément d’une liste est ce qu’un tableur en a laissé : une erreur comme #N/A, un nombre abrégé, un signe devant des chiffres.",
  "A part of a composed text is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.":
    "Une partie d’un texte composé est ce qu’un tableur en a laissé : une erreur comme #N/A, un nombre abrégé, un signe devant des chiffres.",
  "A text is longer than it may be.": "Un texte est plus long qu’il ne peut l’être.",
  "A number cannot be read.": "Un nombre est illisible.",
  "A number is not between its bounds.": "Un nombre est hors de ses limites.",
  "A yes or no is written in a way that nobody listed.":
    "Un oui ou un non est écrit d’une façon qui n’est dans aucune liste.",
  "A UUID cannot be read.": "Un UUID est illisible.",
  "A field of JSON cannot be read.": "Un champ JSON est illisible.",
  "A date cannot be read.": "Une date est illisible.",
  "A date is the legacy system's zero date.": "Une date est la date nulle de l’ancien système.",
  "A date is not between its bounds.": "Une date est hors de ses limites.",
  "A time cannot be read.": "Une date avec l’heure est illisible.",
  "A time is the legacy system's zero date.":
    "Une date avec l’heure est la date nulle de l’ancien système.",
  "A time is not between its bounds.": "Une date avec l’heure est hors de ses limites.",
  "A time is one that no clock of its zone showed.":
    "Une heure est de celles qu’aucune horloge de son fuseau n’a montrées.",
  "A time is one that the clocks of its zone showed twice: the earlier was taken.":
    "Une heure est de celles que les horloges de son fuseau ont montrées deux fois : la première a été retenue.",
  "A time has more than six digits of a second: the rest was left out.":
    "Une heure a plus de six chiffres après la seconde : le reste a été laissé de côté.",
  "A day has no time of day beside it: its midnight was taken.":
    "Un jour n’a pas d’heure à côté de lui : son minuit a été retenu.",
  "A range begins or ends with a day that has no time of day beside it: its midnight was taken.":
    "Un intervalle commence ou finit par un jour sans heure à côté de lui : son minuit a été retenu.",
  "A value is one that nobody listed.": "Une valeur n’est dans aucune liste.",
  "Another row of the table has the same key.": "Une autre ligne de la table a la même clé.",
  "The row has no key.": "La ligne n’a pas de clé.",
  "The key cannot be kept as a text, or is what a spreadsheet left of one.":
    "La clé ne peut pas être gardée comme texte, ou est ce qu’un tableur en a laissé.",
  "Where a list should be that rows are made of there is none that can be read.":
    "Là où devrait être la liste dont sont faites des lignes, il n’y en a pas de lisible.",
  "Where an object of JSON should be there is none that can be read.":
    "Là où devrait être un objet JSON, il n’y en a pas de lisible.",
  "The file that is named is not there.": "Le fichier nommé n’existe pas.",
  "What names a file goes out of the folder of files, or cannot name one.":
    "Ce qui nomme un fichier sort du dossier des fichiers, ou ne peut pas en nommer un.",
  "What lies under the name of a file cannot be read as one.":
    "Ce qui se trouve sous le nom d’un fichier ne peut pas être lu comme tel.",
  "The bytes of a file are not those that are said of it.":
    "Les octets d’un fichier ne sont pas ceux qui en sont annoncés.",
  "A file is empty, or of a type that is not taken.":
    "Un fichier est vide, ou d’un type qui n’est pas repris.",
  "A file has more bytes than are taken.": "Un fichier a plus d’octets qu’il n’en est repris.",
  "A part of a composed text is what is entered for want of one: it was left out.":
    "Une partie d’un texte composé est ce qu’on saisit faute de mieux : elle a été laissée de côté.",
  "A composed text is longer than it may be.":
    "Un texte composé est plus long qu’il ne peut l’être.",
  "What a range begins or ends with cannot be read.":
    "Ce par quoi une période commence ou finit est illisible.",
  "A range begins or ends with the legacy system's zero date: it is open there.":
    "Une période commence ou finit par la date zéro de l’ancien système : elle y est ouverte.",
  "What a range begins or ends with is not between its bounds.":
    "Ce par quoi une période commence ou finit est hors de ses bornes.",
  "A range begins or ends with a time that no clock of its zone showed.":
    "Une période commence ou finit à une heure qu’aucune horloge de son fuseau n’a montrée.",
  "A range begins or ends with a time that the clocks of its zone showed twice: the earlier was taken.":
    "Une période commence ou finit à une heure que les horloges de son fuseau ont montrée deux fois : la première a été prise.",
  "A range begins or ends with a time of more than six digits of a second: the rest was left out.":
    "Une période commence ou finit à une heure de plus de six chiffres après la seconde : le reste a été laissé de côté.",
  "A range ends before it begins.": "Une période finit avant de commencer.",
  "A range ends as it begins, and nothing is in it.":
    "Une période finit comme elle commence, et rien n’y tient.",
  "How long a range lasts is missing: it would be without end.":
    "La durée d’une période manque : elle serait sans fin.",
  "A time of day cannot be read.": "Une heure est illisible.",
  "How long something takes cannot be read.": "Une durée est illisible.",
  "A list has an element that nobody listed.":
    "Une liste a un élément que personne n’a répertorié.",
  "A list has more elements than are taken.": "Une liste a plus d’éléments qu’il n’en est repris.",
  "No row of the other table is the one that this row names.":
    "Aucune ligne de l’autre table n’est celle que cette ligne nomme.",
  "Several rows of the other table are the one that this row names.":
    "Plusieurs lignes de l’autre table sont celle que cette ligne nomme.",
};

type InFrench = (name: string, other: string, named: (name: string) => string) => string;

/** Sentences that the engine makes around a definition's names (`lib/define/reasons.ts`). */
const made: readonly (readonly [english: RegExp, french: InFrench])[] = [
  [
    /^What “([^”]+)” names is not on the platform, and no wave before writes it\.$/u,
    (name, _, named) =>
      `Ce que « ${named(name)} » désigne n’est pas sur la plateforme, et aucune vague ne l’écrit avant.`,
  ],
  [
    /^No place is left: “([^”]+)” of “([^”]+)” says how many there are, and who comes first has them\.$/u,
    (most, of) =>
      `Il ne reste pas de place : « ${most} » de « ${of} » dit combien il y en a, et les premiers arrivés les ont.`,
  ],
  [
    /^All that is kept of the reason is its name, “([^”]+)”\.$/u,
    (reason) => `De la raison, seul le nom est conservé : « ${reason} ».`,
  ],
  // What a run reads from.
  [/^(?:csv )?files in (.+)$/su, (folder) => `fichiers dans ${folder}`],
  [/^((?:mysql|postgresql) .+) at (.+)$/su, (database, where) => `${database} sur ${where}`],
  [
    /^Wild Apricot account (.+), read at (\S+)$/su,
    (account, moment) => `compte Wild Apricot ${account}, lu à ${moment}`,
  ],
];

/** A sentence that the engine made around names; undefined of any other. */
export function madeInFrench(
  sentence: string,
  named: (name: string) => string,
): string | undefined {
  for (const [english, french] of made) {
    const [, name, other = ""] = english.exec(sentence) ?? [];
    if (name !== undefined) return french(name, other, named);
  }
  return undefined;
}
