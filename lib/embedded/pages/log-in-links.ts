import { createHash, randomBytes } from "node:crypto";
import type { SignedIn } from "./event.ts";

/** Links that sign somebody in once, without typing their password into the browser. */
export interface LogInLinks {
  /** Makes one; what it answers is its secret. */
  make(link: LogInLink): string;
  /** Whose link it is, while it is good; looking uses nothing up. */
  find(secret: string): LogInLink | undefined;
  /** The same, and never again. */
  take(secret: string): LogInLink | undefined;
  /** Of somebody who ended their sign-ins no link is good any more. */
  forget(name: string): void;
}

interface LogInLink {
  readonly person: SignedIn;
  /** How the person stood when it was made: it is good while they stand so. */
  readonly standing: string | undefined;
  /** The path to show afterwards. */
  readonly to: string;
}

/** Seconds a link is good for. */
export const linkSeconds = 5 * 60;
/** Links that are open at once; the oldest goes when one more is made. */
const mostLinks = 100;

export function createLogInLinks(now: () => Date): LogInLinks {
  const links = new Map<string, LogInLink & { readonly until: number }>();
  const key = (secret: string) => createHash("sha256").update(secret).digest("base64");
  const find = (secret: string): LogInLink | undefined => {
    const link = links.get(key(secret));
    return link !== undefined && now().getTime() < link.until ? link : undefined;
  };
  return {
    find,
    make(link) {
      for (const [hash, { until }] of links) {
        if (until <= now().getTime() || links.size >= mostLinks) links.delete(hash);
      }
      const secret = randomBytes(32).toString("base64url");
      links.set(key(secret), { ...link, until: now().getTime() + linkSeconds * 1_000 });
      return secret;
    },
    take(secret) {
      const link = find(secret);
      links.delete(key(secret));
      return link;
    },
    forget(name) {
      for (const [hash, { person }] of links) if (person.name === name) links.delete(hash);
    },
  };
}
