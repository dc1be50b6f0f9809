import { createHash, randomBytes } from "node:crypto";
import type { SignedIn } from "./event.ts";

/** Who is signed in, in memory: a restart signs everybody out. */
export interface Sessions {
  /** Signs somebody in and returns the secret their browser keeps. */
  open(person: SignedIn): string;
  find(secret: string): SignedIn | undefined;
  close(secret: string): void;
}

/** How long a session lasts, in seconds: a working day. */
export const sessionSeconds = 12 * 60 * 60;
/** Sessions kept; the oldest goes when one more opens. */
const mostSessions = 1_000;

export function createSessions(now: () => Date): Sessions {
  const sessions = new Map<string, { person: SignedIn; until: number }>();
  const key = (secret: string) => createHash("sha256").update(secret).digest("base64");
  const forgetOld = () => {
    for (const [hash, { until }] of sessions) {
      if (until <= now().getTime() || sessions.size >= mostSessions) sessions.delete(hash);
    }
  };
  return {
    open(person) {
      forgetOld();
      const secret = randomBytes(32).toString("base64url");
      sessions.set(key(secret), { person, until: now().getTime() + sessionSeconds * 1000 });
      return secret;
    },
    find(secret) {
      const session = sessions.get(key(secret));
      return session && session.until > now().getTime() ? session.person : undefined;
    },
    close: (secret) => void sessions.delete(key(secret)),
  };
}
