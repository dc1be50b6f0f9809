import { createHash, randomBytes } from "node:crypto";
import type { SignedIn } from "./event.ts";

/** Who is signed in, in memory: a restart signs everybody out. */
export interface Sessions {
  /** Signs somebody in and returns the secret their browser keeps. */
  open(person: SignedIn, standing: string | undefined, user: string | undefined): string;
  /**
   * Whose session it is; using it keeps it from ending. A browser sends its cookies to every port of a host, so that
   * whoever listens on another one gets the secret: it is worth nothing to another user of the operating system.
   */
  find(secret: string, user: string | undefined): Session | undefined;
  close(secret: string): void;
  /** Ends every session of a person but the one with this secret; returns how many. */
  closeOthers(name: string, secret: string): number;
}

export interface Session {
  readonly person: SignedIn;
  /** How the person stood when it began: it ends when they stand otherwise. */
  readonly standing: string | undefined;
  /** When somebody signed in, milliseconds since 1970. */
  readonly since: number;
  /** The user of the operating system who began it, where that is known. */
  readonly user: string | undefined;
}

/** How long a session lasts at most, in seconds: a working day. */
export const sessionSeconds = 12 * 60 * 60;
/** Unused for as long, in seconds, it ends. */
export const idleSeconds = 30 * 60;
/** Sessions kept; the one unused longest goes when one more opens. */
const mostSessions = 1_000;

export function createSessions(now: () => Date): Sessions {
  const sessions = new Map<string, Session & { used: number }>();
  const key = (secret: string) => createHash("sha256").update(secret).digest("base64");
  const isOver = ({ since, used }: { since: number; used: number }) =>
    now().getTime() >= Math.min(since + sessionSeconds * 1000, used + idleSeconds * 1000);
  const forgetOld = () => {
    for (const [hash, session] of sessions) {
      if (isOver(session) || sessions.size >= mostSessions) sessions.delete(hash);
    }
  };
  return {
    open(person, standing, user) {
      forgetOld();
      const secret = randomBytes(32).toString("base64url");
      const since = now().getTime();
      sessions.set(key(secret), { person, standing, since, user, used: since });
      return secret;
    },
    find(secret, user) {
      const hash = key(secret);
      const session = sessions.get(hash);
      if (session === undefined) return undefined;
      if (session.user !== undefined && session.user !== user) return undefined;
      sessions.delete(hash);
      if (isOver(session)) return undefined;
      const used = { ...session, used: now().getTime() };
      sessions.set(hash, used);
      return used;
    },
    close: (secret) => void sessions.delete(key(secret)),
    closeOthers(name, secret) {
      const own = key(secret);
      const others = [...sessions].filter(
        ([hash, { person }]) => hash !== own && person.name === name,
      );
      for (const [hash] of others) sessions.delete(hash);
      return others.length;
    },
  };
}
