import { NUMBERED, type Person, person } from "./people.ts";
import type { Plant } from "./plan.ts";
import type { Random } from "./random.ts";

const ARABIC_INDIC = "٠١٢٣٤٥٦٧٨٩";
const PERSIAN = "۰۱۲۳۴۵۶۷۸۹";

/** What stands in the phone field: mostly a good number in one of many forms. */
export function phoneField(random: Random, who: Person, other: Person, plant: Plant | null) {
  if (plant?.kind === "alternate") return `0${who.mobile}${random.pick(BETWEEN)}0${other.mobile}`;
  if (plant !== null) return goodPhone(random, who.mobile);
  return random.weighted<() => string | null>([
    [88, () => goodPhone(random, who.mobile)],
    [4, () => `0${who.mobile}${random.pick(BETWEEN)}0${other.mobile}`],
    [1, () => `021 ${20 + random.below(60)} ${10 + random.below(90)} ${10 + random.below(90)}`],
    [3, () => null],
    [1.5, () => `0${who.mobile.slice(0, 5 + random.below(3))}`],
    [0.7, () => `0${who.mobile.slice(0, 5)}O${who.mobile.slice(6)}`],
    [0.5, () => `0${who.mobile}${random.below(1000)}00`],
    [0.8, () => random.pick(["/", "", "NULL", "voir avec sa mère", "pas de téléphone"])],
  ])();
}

const BETWEEN = [" / ", "/", " - ", ";", " ou ", ", ", " "];

function goodPhone(random: Random, mobile: string): string {
  const pairs = mobile.slice(1).match(/../g) ?? [];
  const national = `0${mobile[0]}`;
  return random.weighted<() => string>([
    [60, () => `0${mobile}`],
    [12, () => [national, ...pairs].join(" ")],
    [4, () => [national, ...pairs].join(".")],
    [3, () => [national, ...pairs].join("-")],
    [6, () => `+213${mobile}`],
    [
      3,
      () =>
        `+213 ${mobile.slice(0, 3)} ${mobile.slice(3, 5)} ${mobile.slice(5, 7)} ${mobile.slice(7)}`,
    ],
    [3, () => `00213${mobile}`],
    [2, () => `213${mobile}`],
    [4, () => mobile],
    [2, () => withDigits(`0${mobile}`, ARABIC_INDIC)],
    [0.5, () => withDigits(`0${mobile}`, PERSIAN)],
    [0.5, () => `\u200E0${mobile} `],
  ])();
}

function withDigits(text: string, digits: string): string {
  return text.replace(/\d/g, (digit) => digits[Number(digit)] ?? digit);
}

/** What stands in the e-mail field: an address of the person's own in a third of the rows. */
export function emailField(random: Random, who: Person, plant: Plant | null): string | null {
  if (plant?.kind === "email") return spelled(random, who.email);
  return random.weighted<() => string | null>([
    [33, () => spelled(random, who.email)],
    [32, () => null],
    [10, () => "/"],
    [9, () => random.pick(["NULL", "null"])],
    [
      6,
      () => random.pick(["Ecoin.hank@gmail.com", "ecoin.hank@gmail.com", " ECOIN.HANK@GMAIL.COM"]),
    ],
    [
      3,
      () =>
        random.pick([
          who.email.replace("@", ""),
          `${who.email}.`,
          who.email.replace("@", "@@"),
          "pas d'email",
        ]),
    ],
    [3, () => "bureau.alger@partage.example"],
    [4, () => ""],
  ])();
}

function spelled(random: Random, email: string): string {
  return random.weighted<() => string>([
    [80, () => email],
    [10, () => email.charAt(0).toUpperCase() + email.slice(1)],
    [5, () => email.toUpperCase()],
    [5, () => ` ${email} `],
  ])();
}

/** The phone that someone gives as their second one: a number no other person has. */
export function secondPhone(seed: number, number: number): Person {
  return person(seed, NUMBERED.secondPhone + number);
}
