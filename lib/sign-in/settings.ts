/** The user pool and where the pages are: what the front door needs to know. */
export interface SignInSettings {
  /** Where the pages are served, without a slash at the end. */
  readonly site: string;
  /** Cognito's own sign-in pages, without a slash at the end. */
  readonly signInPages: string;
  readonly userPoolId: string;
  readonly clientId: string;
}

/** Reads the settings from a function's environment. Errors: one sentence that names what is missing. */
export function signInSettings(environment: Record<string, string | undefined>): SignInSettings {
  const read = (name: string): string => {
    const value = environment[name];
    if (value) return value.replace(/\/$/u, "");
    throw new Error(`The environment does not name ${name}. Nobody can sign in.`);
  };
  return {
    site: read("WAVEGATE_SIGN_OFF_URL"),
    signInPages: read("WAVEGATE_SIGN_IN_PAGES"),
    userPoolId: read("WAVEGATE_USER_POOL_ID"),
    clientId: read("WAVEGATE_USER_POOL_CLIENT_ID"),
  };
}
