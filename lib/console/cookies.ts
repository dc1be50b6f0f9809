/** How cookies are set: on a site of its own under TLS, or on one machine without it. */
export interface CookieSettings {
  /** What their names begin with. */
  readonly prefix: string;
  readonly secure: boolean;
}

/**
 * The settings for where the pages are served. Cookies are shared by all ports of a host: on one machine the name
 * keeps two consoles apart.
 */
export function cookieSettings(site: string): CookieSettings {
  const { protocol, port } = new URL(site);
  return protocol === "https:"
    ? { prefix: "__Host-wavegate-", secure: true }
    : { prefix: `wavegate_${port}_`, secure: false };
}

/** A cookie that no script reads and no other site sends. */
export const setCookie = (
  { prefix, secure }: CookieSettings,
  { name, value, seconds }: { name: string; value: string; seconds: number },
): string =>
  `${prefix}${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly;${secure ? " Secure;" : ""} SameSite=Strict`;
