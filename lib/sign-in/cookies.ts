/** Who is signed in: the token that Cognito signed. */
export const sessionCookie = "__Host-wavegate";

/** What was begun and not yet finished: state, verifier, and where to go afterwards. */
export const beginningCookie = "__Host-wavegate-beginning";

/**
 * A cookie that no script reads, that goes to this host alone and over TLS alone. `Lax`, not
 * `Strict`: the link in the mail and the way back from the sign-in come from another site.
 */
export const cookie = (name: string, value: string, seconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Lax`;

/** Takes a cookie away. */
export const noCookie = (name: string): string => cookie(name, "", 0);

/** The value of a cookie of an event of API Gateway, which gives each as `name=value`. */
export function readCookie(
  cookies: readonly string[] | undefined,
  name: string,
): string | undefined {
  const found = cookies?.find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1) || undefined;
}

/** Whether a cookie says who is signed in, or was begun with: the pages never see those. */
export const isOwnCookie = (each: string): boolean =>
  [sessionCookie, beginningCookie].some((name) => each.startsWith(`${name}=`));
