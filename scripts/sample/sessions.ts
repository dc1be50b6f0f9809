import {
  FORMATIONS,
  LANDMARK_COURSE_SESSIONS,
  LANDMARK_SESSIONS,
  type LegacySession,
  MAPPED,
  NOWHERE,
} from "./catalogue.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";

const fixed = new Map(LANDMARK_SESSIONS.map((session) => [session.id, session]));
/** Generated sessions begin here; 235 is a landmark among them. */
const FIRST = 19;

/** The legacy session with this id: mostly a cohort of a mapped training, some of every dirt. */
function legacySession(id: number): LegacySession {
  const landmark = fixed.get(id);
  if (landmark !== undefined) return landmark;
  if (id % 20 === 0) return { id, code: `Session-Attente-${id}`, formation: (id % MAPPED) + 1 };
  if (id % 40 === 10) return { id, code: codeOf(id, 1), formation: null };
  if (id % 40 === 14) return { id, code: codeOf(id, 1), formation: NOWHERE };
  if (id % 36 === 7) return { id, code: codeOf(id, 19), formation: 19 + (id % 7) };
  return { id, code: codeOf(id, (id % MAPPED) + 1), formation: (id % MAPPED) + 1 };
}

function codeOf(id: number, formation: number): string {
  const year = 2014 + (id % 10);
  return `${FORMATIONS[formation - 1]?.code ?? "X"}-${year}-${String(id).padStart(4, "0")}`;
}

export function* legacySessions(plan: Plan): Generator<LegacySession> {
  for (let id = 1; id <= plan.sessions; id++) yield legacySession(id);
}

/** Whether the platform has the same cohort under the same code (every fourth clean one). */
function isOnPlatform({ id, formation }: LegacySession): boolean {
  if (id < FIRST || fixed.has(id)) return false;
  return id % 4 === 1 && formation !== null && formation <= MAPPED;
}

/** Sessions of the platform, by id from 1: those that landmarks meet, then the shared cohorts. */
export function* courseSessions(plan: Plan): Generator<{ code: string; course: number }> {
  yield* LANDMARK_COURSE_SESSIONS;
  for (const session of legacySessions(plan)) {
    if (!isOnPlatform(session)) continue;
    const course = FORMATIONS[(session.formation ?? 0) - 1]?.course ?? 1;
    yield { code: session.code ?? "", course };
  }
}

/** A session of the training, rather one that the platform has too when `shared`. */
export function sessionOf(plan: Plan, formation: number, shared: boolean, random: Random): number {
  const rounds = Math.floor((plan.sessions - FIRST) / MAPPED);
  let id = 0;
  for (let tries = 0; tries < 6; tries++) {
    id = formation - 1 + MAPPED * (2 + random.below(Math.max(1, rounds - 1)));
    const session = legacySession(id);
    if (session.formation === formation && (!shared || isOnPlatform(session))) return id;
  }
  return id;
}
