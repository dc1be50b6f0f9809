import { type Field, fieldName, type Guess, type Guessed, quote, share } from "../guess.ts";
import type { TargetColumn } from "../target.ts";

/** What a last name is called, and a first one, here and there. */
const lastNames = [
  ...["last_name", "lastname", "surname", "family_name", "familyname", "nom", "nom_de_famille"],
  ...["nachname", "familienname", "efternavn", "etternavn", "efternamn", "achternaam"],
  ...["apellido", "apellidos", "cognome", "sobrenome", "apelido", "nazwisko", "sukunimi"],
  ...["prijmeni", "priezvisko", "prezime", "priimek", "vezeteknev"],
  // Within an object, name.last.
  ...["name_last", "name_family", "name_lastname"],
];
const firstNames = [
  ...[
    "first_name",
    "firstname",
    "given_name",
    "givenname",
    "given",
    "given_names",
    "forename",
    "prenom",
    "vorname",
  ],
  ...["fornavn", "fornamn", "voornaam", "nombre", "nombres", "nome", "imie", "etunimi"],
  ...["jmeno", "krestni_jmeno", "meno", "ime", "keresztnev"],
  ...["name_first", "name_given", "name_firstname"],
];
/** Of words, or of how they are written. */
const anyOf = (words: readonly string[]): RegExp => new RegExp(`^(${words.join("|")})$`, "u");
export const last = anyOf(lastNames);
export const first = anyOf(firstNames);
export const full = anyOf([
  ...["full_?name", "name", "display_?name", "member_?name", "customer_?name"],
  ...[
    "nom_complet",
    "nom_(et_)?prenoms?",
    "nombre_completo",
    "nombre_y_apellidos?",
    "apellidos?_y_nombres?",
  ],
  ...[
    "nome_completo",
    "nome_e_cognome",
    "cognome_e_nome",
    "voller_name",
    "naam",
    "navn",
    "namn",
    "nimi",
  ],
]);

/** The columns of a person's name, the last name first. */
export function nameParts(guesses: readonly Guess[]): Guess[] {
  const by = (looks: RegExp) =>
    guesses.find(({ field, kind }) => looks.test(field) && (kind === "text" || kind === "choice"));
  const [family, given, whole] = [by(last), by(first), by(full)];
  if (family && given) return [family, given];
  return whole ? [whole] : [];
}

const BEHIND_COMMA = /^[^,]*\p{L}[^,]*,[^,]*\p{L}[^,]*$/u;

/** What is said of a name that stands in one column: how it is parted, where most of them have their first name behind a comma. */
export function wholeName({ columns, sample }: Guessed, { column }: Guess): string {
  const at = columns.indexOf(column);
  const values = sample.flatMap((row) => row[at]?.trim() || []);
  return share(values, (value) => BEHIND_COMMA.test(value)) < 0.5
    ? "what it is called; the whole name stands in one column"
    : `what they are called, the last name first and behind a comma the first one, which stays: parted(table(…), { ${quote(column)}: { by: ",", into: ["last", "first"] } }) makes two columns for name("last", "first")`;
}

/** Words that mean the same, by what a platform may call them. */
const alike: readonly ReadonlySet<string>[] = [
  new Set(["email", "mail", "e_mail", "email_address", "courriel"]),
  new Set(["phone", "mobile", "tel", "telephone", "phone_number", "gsm", "cell"]),
  new Set(["full_name", "name", "display_name", "person_name"]),
  new Set(firstNames),
  new Set(lastNames),
  new Set(["birth_date", "dob", "born_on", "date_of_birth", "born", "birthday", "birthdate"]),
  new Set(["created_at", "created", "joined", "joined_on", "joined_at", "registered_at"]),
  new Set(["status", "state"]),
  new Set(["language", "lang", "langue", "sprache", "sprog", "idioma", "lingua", "taal"]),
  new Set(["town", "city", "ville", "ort", "localite", "plaats", "ciudad", "citta"]),
  new Set(["postcode", "post_code", "postal_code", "zip", "zip_code", "npa", "plz", "code_postal"]),
  new Set(["amount", "montant", "betrag", "belob", "bedrag", "importe", "importo"]),
];
const sameWord = (one: string, other: string): boolean =>
  one === other || alike.some((words) => words.has(one) && words.has(other));

/** Kinds of fields that say what is meant; a number or a text may be anything. */
const meaning: ReadonlySet<string> = new Set([
  ...["name", "phone", "email", "birth_date", "created_at", "status"],
]);

/** What numbers are called that are carried about, and no others. */
const mobile =
  /(^|_)(mobile?|mobilnr|mobilnummer|mobiltelefon|cell|cellphone|gsm|handy|handynummer|portable)($|_)/u;

/** A name without what says that it counts cents: `amount_cents`, `betrag_cent`. */
export const withoutCents = (name: string): string =>
  name.replace(/(^|_)(in_)?(cents?|centimes?|pence|pennies|rappen|ore)$/u, "");

/**
 * How near a field is to a column by what both are called, from 0, called alike; undefined where nothing says that one goes
 * into the other.
 */
export function nearness(field: Field, column: TargetColumn): number | undefined {
  if (column.made) return undefined;
  const [theirs, ours] = [fieldName(column.name), field.field];
  if (theirs === ours) return 0;
  const [bare, own] = [withoutCents(theirs), withoutCents(ours)];
  const isNamed = bare !== "" && own !== "" && sameWord(bare, own);
  if (!isNamed && !(meaning.has(field.kind) && sameWord(theirs, field.kind))) return undefined;
  return mobile.test(theirs) === mobile.test(ours) ? 1 : 2;
}

/** The column of a platform that a field goes into, by what both are called; none that the platform makes of others. */
export const columnFor = (
  field: Field,
  columns: readonly TargetColumn[],
): TargetColumn | undefined =>
  columns
    .flatMap((column) => {
      const near = nearness(field, column);
      return near === undefined ? [] : [{ column, near }];
    })
    .sort((one, other) => one.near - other.near)[0]?.column;
