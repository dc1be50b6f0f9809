import { FORMATIONS, MAPPED, NOWHERE } from "./catalogue.ts";
import { emailField, phoneField, secondPhone } from "./contacts.ts";
import type { Landmark } from "./landmarks/landmark.ts";
import { type Person, person } from "./people.ts";
import {
  archiveLandmarks,
  hasCommonName,
  keyOf,
  type Plan,
  type Plant,
  personOf,
  plantOf,
  stagiaireLandmarks,
} from "./plan.ts";
import { type Random, randomFor } from "./random.ts";
import { sessionOf } from "./sessions.ts";

export type Fields = readonly (string | null)[];

export const STUDENT_COLUMNS = [
  "id",
  "nom",
  "prenom",
  "date_naissance",
  "telephone",
  "email",
  "adresse",
  "niveau",
  "statut",
  "formation_id",
  "session_ecoin_id",
  "remarque",
  "created_at",
  "updated_at",
];

/** The rows of `stagiaires`, in key order. */
export function* stagiaires(plan: Plan): Generator<Fields> {
  for (let position = 0; position < plan.stagiaires; position++) {
    yield fieldsOf(plan, position, position, stagiaireLandmarks, "stagiaires");
  }
}

/** The rows of `archives`, in key order, with when they were archived. */
export function* archives(plan: Plan): Generator<Fields> {
  for (let position = 0; position < plan.archives; position++) {
    const row = plan.stagiaires + position;
    const fields = fieldsOf(plan, row, position, archiveLandmarks, "archives");
    yield [...fields, stamp(plan, row, 400 * 86_400)];
  }
}

/** The row's key, for those who need to know where a person stands. */
export function whereIs(plan: Plan, row: number): { table: string; id: number } {
  if (row < plan.stagiaires) {
    return { table: "stagiaires", id: keyOf(row, stagiaireLandmarks.length) };
  }
  return { table: "archives", id: keyOf(row - plan.stagiaires, archiveLandmarks.length) };
}

function fieldsOf(
  plan: Plan,
  row: number,
  position: number,
  landmarks: readonly Landmark[],
  table: "stagiaires" | "archives",
): Fields {
  const random = randomFor(plan.seed, "row", row);
  const known = landmarks[position];
  const made = known ?? generated(plan, row, keyOf(position, landmarks.length), table, random);
  const created = made.createdAt ?? stamp(plan, row, 0);
  return [
    String(made.id),
    made.nom,
    made.prenom,
    made.birth,
    made.phone,
    made.email,
    random.pick(ADDRESSES),
    random.pick(LEVELS),
    made.status,
    made.formation === null ? null : String(made.formation),
    made.session === null ? null : String(made.session),
    random.pick(REMARKS),
    created,
    stamp(plan, row, 86_400 * random.below(300)),
  ];
}

function generated(
  plan: Plan,
  row: number,
  id: number,
  table: "stagiaires" | "archives",
  random: Random,
): Landmark {
  const number = personOf(row);
  const plant = plantOf(row);
  const who = person(plan.seed, number, hasCommonName(number));
  const status = random.weighted(table === "archives" ? ARCHIVE_STATUSES : STATUSES);
  const formation = formationField(random, status);
  return {
    id,
    ...nameFields(random, who, plant),
    birth: birthField(random, who, plant),
    phone: phoneField(random, who, secondPhone(plan.seed, number), plant),
    email: emailField(random, who, plant),
    status,
    formation,
    session: sessionField(plan, random, status, formation),
  };
}

const STATUSES: readonly (readonly [number, string | null])[] = [
  [38, "Formée"],
  [4, "Forme\u0301e"],
  [3, "Formée "],
  [1, " Formée"],
  [2.5, "Archivé"],
  [1, "archivé"],
  [0.5, "Archivè"],
  [11, "Confirmer"],
  [0.5, "Confirmer "],
  [6, "Reporter"],
  [9, "Informer"],
  [4, "informer"],
  [9, "nouveau"],
  [6, "Ne répond pas"],
  [1, "Ne re\u0301pond pas"],
  [0.8, "Formé"],
  [0.5, "formée"],
  [0.4, "Annulé"],
  [0.3, "CONFIRMER"],
  [0.4, ""],
  [0.5, null],
];

const ARCHIVE_STATUSES: readonly (readonly [number, string | null])[] = [
  [46, "Archivé"],
  [12, "archivé"],
  [10, "Archivè"],
  [8, "Archive\u0301"],
  [4, "Archivé  "],
  [15, "Formée"],
  [2, "Forme\u0301e"],
  [1.5, null],
  [0.5, ""],
  [1, "Archive"],
];

const isLead = (status: string | null) =>
  status !== null && /^(?:informer|nouveau|Ne)/i.test(status);

/** A training: almost always one that the platform has, for leads a little less often. */
function formationField(random: Random, status: string | null): number | null {
  if (!random.chance(isLead(status) ? 0.1 : 0.03)) return 1 + random.below(MAPPED);
  return random.weighted<() => number | null>([
    [8, () => MAPPED + 1 + random.below(FORMATIONS.length - MAPPED)],
    [1, () => null],
    [1, () => NOWHERE],
  ])();
}

function sessionField(
  plan: Plan,
  random: Random,
  status: string | null,
  formation: number | null,
): number | null {
  if (formation === null || formation > MAPPED) return random.chance(0.5) ? null : 14;
  const real = () => sessionOf(plan, formation, random.chance(0.7), random);
  const waiting = () => random.pick([1, 2, 235, 6, 15]);
  if (isLead(status))
    return random.weighted<() => number | null>([
      [6, () => null],
      [3, waiting],
      [1, real],
    ])();
  const other = () => random.pick([NOWHERE, 7, 8]);
  return random.weighted<() => number | null>([
    [80, real],
    [8, () => null],
    [9, waiting],
    [3, other],
  ])();
}

function nameFields(random: Random, who: Person, plant: Plant | null) {
  const latin = { nom: who.last, prenom: who.first };
  const forms: (readonly [number, () => { nom: string | null; prenom: string | null }])[] = [
    [70, () => latin],
    [12, () => ({ nom: who.last.toUpperCase(), prenom: who.first })],
    [4, () => ({ nom: who.last.normalize("NFD"), prenom: who.first.normalize("NFD") })],
    [3, () => ({ nom: ` ${who.last}  `, prenom: `${who.first} ` })],
    [2, () => ({ nom: who.first, prenom: who.last })],
  ];
  if (plant !== null) return random.weighted(forms)();
  return random.weighted([
    ...forms,
    [7, () => ({ nom: who.arabic.last, prenom: who.arabic.first })],
    [0.5, () => ({ nom: `${who.last} 🌸`, prenom: who.first })],
    [0.3, () => ({ nom: `\u202B${who.last}`, prenom: who.first })],
    [0.3, () => ({ nom: random.pick(HOSTILE), prenom: who.first })],
    [0.4, () => ({ nom: who.last, prenom: random.pick(["/", "NULL", null, "."]) })],
    [0.3, () => ({ nom: random.pick(["/", null, "NULL"]), prenom: random.pick(["-", null, "x"]) })],
  ])();
}

const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "=1+1",
  "-2+3+cmd|' /C calc'!A0",
  "'; DELETE FROM users; --",
];

function birthField(random: Random, who: Person, plant: Plant | null): string | null {
  if (plant !== null) return who.birth;
  return random.weighted<string | null>([
    [94, who.birth],
    [3, null],
    [2, "0000-00-00"],
    [0.2, "1998-02-30"],
    [0.2, "2077-01-01"],
    [0.2, "1870-01-01"],
  ]);
}

const ADDRESSES = [
  null,
  "Alger",
  "Bab Ezzouar, Alger",
  'Cité 1200 Logts, Bt 12 "B"',
  "Oran",
  "Constantine",
  "Sétif",
  "Tizi Ouzou",
  "شارع ديدوش مراد، الجزائر",
  "12, rue des Frères\nBlida",
];
const LEVELS = [null, "3AS", "Bac", "Licence", "Master", "4AM", "Bac + 2", "TS", "مستوى جامعي"];
const REMARKS = [
  null,
  null,
  null,
  null,
  "",
  "A rappeler",
  "Payé 50%",
  'vient le soir;\nvoir "dossier"',
  "=SUM(A1:A3)",
  "Très motivée",
  "dossier incomplet, manque photo",
];

/** From 2014 on, later rows later, over eleven years. */
function stamp(plan: Plan, row: number, plusSeconds: number): string {
  const seconds = Math.floor((row / plan.rows) * 347_000_000) + plusSeconds;
  const at = new Date(Date.UTC(2014, 0, 2, 8, 0, seconds));
  return at.toISOString().slice(0, 19).replace("T", " ");
}
