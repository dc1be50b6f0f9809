import { randomFor } from "./random.ts";

/** A person who exists once, whatever is written about them where. */
export interface Person {
  readonly first: string;
  readonly last: string;
  /** The same name in Arabic script, for those who wrote it so. */
  readonly arabic: { readonly first: string; readonly last: string };
  readonly birth: string;
  /** National digits without the zero; no two people share them. */
  readonly mobile: string;
  readonly email: string;
}

const FIRST: readonly (readonly [string, string])[] = [
  ["Mohamed", "محمد"],
  ["Ahmed", "أحمد"],
  ["Amine", "أمين"],
  ["Yacine", "ياسين"],
  ["Karim", "كريم"],
  ["Sofiane", "سفيان"],
  ["Bilal", "بلال"],
  ["Rachid", "رشيد"],
  ["Nabil", "نبيل"],
  ["Hichem", "هشام"],
  ["Abdelkader", "عبد القادر"],
  ["Khaled", "خالد"],
  ["Samir", "سمير"],
  ["Farid", "فريد"],
  ["Walid", "وليد"],
  ["Riad", "رياض"],
  ["Oussama", "أسامة"],
  ["Islam", "إسلام"],
  ["Zakaria", "زكريا"],
  ["Fares", "فارس"],
  ["Fatima", "فاطمة"],
  ["Amina", "أمينة"],
  ["Khadidja", "خديجة"],
  ["Meriem", "مريم"],
  ["Sara", "سارة"],
  ["Asma", "أسماء"],
  ["Yasmine", "ياسمين"],
  ["Nadia", "نادية"],
  ["Chérifa", "شريفة"],
  ["Zohra", "زهرة"],
  ["Samia", "سامية"],
  ["Imène", "إيمان"],
  ["Rania", "رانيا"],
  ["Lina", "لينا"],
  ["Houda", "هدى"],
  ["Wafa", "وفاء"],
  ["Hafida", "حفيظة"],
  ["Djamila", "جميلة"],
  ["Amel", "آمال"],
  ["Loubna", "لبنى"],
  ["Aïcha", "عائشة"],
  ["Nesrine", "نسرين"],
  ["Sabrina", "صبرينة"],
  ["Kenza", "كنزة"],
  ["Raouf", "رؤوف"],
  ["Mehdi", "مهدي"],
  ["Adel", "عادل"],
  ["Salim", "سليم"],
];

const STEM: readonly (readonly [string, string])[] = [
  ["ali", "علي"],
  ["amar", "عمار"],
  ["salem", "سالم"],
  ["ahmed", "أحمد"],
  ["aissa", "عيسى"],
  ["moussa", "موسى"],
  ["slimane", "سليمان"],
  ["yahia", "يحيى"],
  ["daoud", "داود"],
  ["khelifa", "خليفة"],
  ["mansour", "منصور"],
  ["saad", "سعد"],
  ["hamida", "حميدة"],
  ["kaddour", "قدور"],
  ["chérif", "شريف"],
  ["nacer", "ناصر"],
  ["rabah", "رابح"],
  ["messaoud", "مسعود"],
  ["brahim", "إبراهيم"],
  ["othmane", "عثمان"],
  ["zid", "زيد"],
  ["larbi", "العربي"],
  ["mokhtar", "مختار"],
  ["tahar", "الطاهر"],
  ["djelloul", "جلول"],
  ["lakhdar", "لخضر"],
  ["abdallah", "عبد الله"],
  ["fodil", "فضيل"],
  ["ziane", "زيان"],
  ["guerfi", "قرفي"],
  ["medjber", "مجبر"],
  ["touati", "تواتي"],
];

const PREFIX: readonly (readonly [string, string])[] = [
  ["Ben", "بن "],
  ["Bou", "بو"],
  ["Ben ", "بن "],
  ["Aït ", "آيت "],
  ["Ould ", "ولد "],
  ["Sidi ", "سيدي "],
  ["Hadj ", "حاج "],
  ["Bel", "بل"],
  ["", ""],
  ["Abd el ", "عبد ال"],
];

const SECOND_FIRST: readonly (readonly [string, string])[] = [
  ["", ""],
  ["", ""],
  ["", ""],
  ["", ""],
  ["", ""],
  [" Amine", " أمين"],
  [" Nour", " نور"],
  [" Lamia", " لمياء"],
  ["-Eddine", " الدين"],
  [" Ryma", " ريمة"],
];

/** More people in a name group than any pair of names would give by chance. */
const COMMON = { first: "Mohamed", last: "Benali", arabic: { first: "محمد", last: "بن علي" } };

/** The person with this number; numbers stand for people, so nothing has to be kept in memory. */
export function person(seed: number, number: number, common = false): Person {
  const random = randomFor(seed, "person", number);
  const mobile = mobileOf(number);
  const birth = birthDate(random.below(16_000));
  const names = common ? COMMON : someName(random);
  const address = `${plain(names.first)}.${plain(names.last)}${number}`;
  return { ...names, birth, mobile, email: `${address}@${random.pick(MAIL)}` };
}

const MAIL = ["mail.example", "example.com", "courriel.example", "example.org"];

function someName(random: ReturnType<typeof randomFor>) {
  const [first, firstArabic] = random.pick(FIRST);
  const [second, secondArabic] = random.pick(SECOND_FIRST);
  const [prefix, prefixArabic] = random.pick(PREFIX);
  const [stem, stemArabic] = random.pick(STEM);
  const [end, endArabic] = random.pick(ENDING);
  const last = prefix + stem + end;
  return {
    first: first + second,
    last: last.charAt(0).toUpperCase() + last.slice(1),
    arabic: { first: firstArabic + secondArabic, last: prefixArabic + stemArabic + endArabic },
  };
}

const ENDING: readonly (readonly [string, string])[] = [
  ["", ""],
  ["", ""],
  ["", ""],
  ["i", "ي"],
  ["oui", "وي"],
  ["ani", "اني"],
];

function plain(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[^a-zA-Z]/g, "")
    .toLowerCase();
}

/** From 1962 on, for about 44 years. */
function birthDate(day: number): string {
  return new Date(Date.UTC(1962, 0, 1 + day)).toISOString().slice(0, 10);
}

const NUMBERS = 120_000_000;

/** A permutation of the mobile numbers 6xx, 78x and 79x: no two people below NUMBERS share one. */
function mobileOf(number: number): string {
  const place = (number * 73_939_133 + 12_345) % NUMBERS;
  if (place < 100_000_000) return `6${String(place).padStart(8, "0")}`;
  const rest = place - 100_000_000;
  return `${rest < 10_000_000 ? "78" : "79"}${String(rest % 10_000_000).padStart(7, "0")}`;
}

/** People are numbered by what they are: students from 0, their second phones, strangers. */
export const NUMBERED = { secondPhone: 30_000_000, user: 60_000_000, lead: 90_000_000 } as const;
