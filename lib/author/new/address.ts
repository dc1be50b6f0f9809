import { fieldName, type Guess, quote } from "../guess.ts";
import type { TargetTable } from "../target.ts";

const anyOf = (words: readonly string[]): RegExp => new RegExp(`^(${words.join("|")})$`, "u");

/** What a street is called, the number of a house in it, and both together, here and there. */
const street = anyOf([
  ...["street", "street_name", "road", "strasse", "gade", "gadenavn", "vej", "vejnavn", "gate"],
  ...["gata", "straat", "straatnaam", "rue", "calle", "via", "rua", "ulica"],
]);
const house = anyOf([
  ...["house", "house_no", "house_nr", "house_number", "street_no", "street_number", "hausnummer"],
  ...["numero", "hausnr", "haus_nr", "husnr", "hus_nr", "husnummer", "huisnummer", "huisnr"],
]);
const address = anyOf([
  ...["address", "street_address", "address_1", "address_line_1", "address1", "adresse", "adres"],
  ...["adress", "direccion", "indirizzo", "endereco"],
]);

/**
 * Fields in which street and number are one text where a platform has one column for both, in the order in which the source
 * has them: “Rosenallee 12b”, or “12b Rosenallee”.
 */
export function withAddress<Of extends Omit<Guess, "column"> & Partial<Pick<Guess, "column">>>(
  fields: readonly Of[],
  into: TargetTable | undefined,
): readonly (Of | Omit<Guess, "column">)[] {
  const columns = (into?.columns ?? []).map(({ name }) => fieldName(name));
  const whole =
    columns.find((name) => address.test(name)) ?? columns.find((name) => street.test(name));
  const parts = fields.filter(
    ({ field, column }) =>
      (street.test(field) || house.test(field)) && !/[{}|]/u.test(column ?? "{"),
  );
  const others = fields.filter((each) => !parts.includes(each));
  const isOne =
    parts.length === 2 && new Set(parts.map(({ field }) => street.test(field))).size === 2;
  if (whole === undefined || !isOne) return fields;
  if (
    columns.some((name) => house.test(name)) ||
    others.some(({ field }) => field === whole || address.test(field))
  )
    return fields;
  const text = parts.map(({ column }) => `{${column}}`).join(" ");
  const composed = {
    field: whole,
    kind: "composed",
    code: `composed(${quote(text)})`,
    because: "street and number, of which the platform has one column",
  };
  return fields.flatMap((each) =>
    each === parts[0] ? [composed] : parts.includes(each) ? [] : [each],
  );
}
