import { COURSES } from "./catalogue.ts";
import { secondPhone } from "./contacts.ts";
import { landmarkLeads, landmarkUsers, type PlatformPerson } from "./landmarks/platform.ts";
import { NUMBERED, type Person, person } from "./people.ts";
import { hasCommonName, isLandmark, type Kind, type Plan, personOf, plantOf } from "./plan.ts";
import { randomFor } from "./random.ts";
import { courseSessions } from "./sessions.ts";

export type SqlValue = string | number | null;
export interface PlatformTable {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly SqlValue[]>;
}

/** A platform person, and the row they were made to resemble (none for landmarks and strangers). */
export interface Placed extends PlatformPerson {
  readonly resembles: { readonly row: number; readonly kind: Kind } | null;
}

/** Users or leads, by id: those of landmarks, those who resemble a row, then strangers. */
export function* platformPeople(plan: Plan, on: "users" | "crm_leads"): Generator<Placed> {
  const landmarks = on === "users" ? landmarkUsers : landmarkLeads;
  for (const known of landmarks) yield { ...known, resembles: null };
  let id = landmarks.length;
  for (let row = 0; row < plan.rows; row++) {
    const plant = plantOf(row);
    if (plant?.on !== on || isLandmark(plan, row)) continue;
    id += 1;
    yield {
      ...alike(plan, row, plant.kind, stranger(plan, on, id)),
      id,
      resembles: { row, kind: plant.kind },
    };
  }
  const size = on === "users" ? plan.users : plan.leads;
  while (id < size) {
    id += 1;
    yield { ...asPerson(stranger(plan, on, id)), id, resembles: null };
  }
}

function stranger(plan: Plan, on: "users" | "crm_leads", id: number): Person {
  const number = (on === "users" ? NUMBERED.user : NUMBERED.lead) + id;
  return person(plan.seed, number, id % 25 === 0);
}

function asPerson(who: Person): Omit<PlatformPerson, "id"> {
  return {
    name: `${who.first} ${who.last}`,
    phone: `213${who.mobile}`,
    email: who.email,
    birth: who.birth,
  };
}

/** The row's person as the platform knows them; what does not make the resemblance is a stranger's. */
function alike(plan: Plan, row: number, kind: Kind, other: Person): Omit<PlatformPerson, "id"> {
  const number = personOf(row);
  const who = person(plan.seed, number, hasCommonName(number));
  const base = { ...asPerson(other), name: `${who.first} ${who.last}`, birth: who.birth };
  switch (kind) {
    case "phone":
      return { ...base, phone: `213${who.mobile}` };
    case "alternate":
      return { ...base, phone: `213${secondPhone(plan.seed, number).mobile}` };
    case "email":
      return { ...base, email: who.email };
    case "name_and_birth_date":
      return base;
    case "similar_name":
      return { ...base, name: `${who.first} ${doubled(who.last)}e` };
    case "one_edit":
      return { ...base, name: `${who.first} ${doubled(who.last)}`, birth: null };
  }
}

/** One letter more: `Benali` → `Benaali`. */
function doubled(name: string): string {
  const at = Math.max(1, Math.floor(name.length / 2));
  const letter = name.slice(at).match(/\p{L}/u);
  const place = at + (letter?.index ?? 0);
  return name.slice(0, place) + (letter?.[0] ?? "a") + name.slice(place);
}

/** Everything the platform holds before a migration. */
export function platformTables(plan: Plan): PlatformTable[] {
  const sessions = [...courseSessions(plan)];
  return [
    {
      table: "users",
      columns: ["id", "full_name", "phone", "email", "birth_date", "created_at", "updated_at"],
      rows: users(plan),
    },
    { table: "courses", columns: ["id", "name"], rows: COURSES.map((name, i) => [i + 1, name]) },
    {
      table: "course_sessions",
      columns: ["id", "course_id", "code", "starts_on", "ends_on"],
      rows: sessions.map(({ code, course }, i) => [
        i + 1,
        course,
        code,
        "2023-01-15",
        "2023-06-15",
      ]),
    },
    {
      table: "crm_leads",
      columns: [
        "id",
        "full_name",
        "phone",
        "email",
        "birth_date",
        "course_id",
        "source",
        "created_at",
        "updated_at",
      ],
      rows: leads(plan),
    },
    {
      table: "enrollments",
      columns: ["id", "user_id", "course_session_id", "status", "updated_at"],
      rows: enrollments(plan, sessions.length),
    },
    { table: "payments", columns: ["id", "enrollment_id", "amount"], rows: payments(plan) },
    {
      table: "attendances",
      columns: ["id", "enrollment_id", "attended_on"],
      rows: attendances(plan),
    },
  ];
}

const MADE = "2025-09-01 08:00:00+00";

function* users(plan: Plan): Generator<SqlValue[]> {
  for (const { id, name, phone, email, birth } of platformPeople(plan, "users")) {
    yield [id, name, phone, email, birth, MADE, MADE];
  }
}

function* leads(plan: Plan): Generator<SqlValue[]> {
  for (const { id, name, phone, email, birth } of platformPeople(plan, "crm_leads")) {
    const random = randomFor(plan.seed, "lead", id);
    const course = 1 + random.below(COURSES.length);
    const from = random.pick(["website", "facebook", "phone", "walk-in"]);
    yield [id, name, phone, email, birth, course, from, MADE, MADE];
  }
}

const enrolled = (plan: Plan) => Math.round(plan.users * 0.6);

function* enrollments(plan: Plan, sessions: number): Generator<SqlValue[]> {
  for (let id = 1; id <= enrolled(plan); id++) {
    const random = randomFor(plan.seed, "enrollment", id);
    const status = random.pick(["active", "active", "active", "completed", "cancelled"]);
    yield [id, id, 1 + random.below(sessions), status, MADE];
  }
}

function* payments(plan: Plan): Generator<SqlValue[]> {
  for (let id = 1; id <= enrolled(plan); id++) yield [id, id, 5_000 + 500 * (id % 40)];
}

function* attendances(plan: Plan): Generator<SqlValue[]> {
  for (let id = 1; id <= enrolled(plan) * 2; id++) {
    yield [id, Math.ceil(id / 2), `2025-10-${String(1 + (id % 28)).padStart(2, "0")}`];
  }
}
