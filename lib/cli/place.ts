import { CannotRun } from "./failure.ts";
import type { Io } from "./io.ts";

/** Where a command's AWS calls go, and as whom. */
export interface Place {
  /** `local`, or the name of a deployment. */
  readonly name: string;
  /** `WAVEGATE_*`, `AWS_REGION` and `AWS_ENDPOINT_URL_*`. */
  readonly settings: Readonly<Record<string, string>>;
  /** On one machine: the person's keys. Undefined: the SDK finds the credentials itself. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** On one machine: the keys for set-up and permissions, which are no person's. */
  readonly administrator?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** On one machine: whose keys these are. */
  readonly person?: string;
}

/** Whether commands talk to the runtime of this machine (`WAVEGATE_ENV` is `local` or unset). */
export const isLocal = (io: Io): boolean => (io.env.WAVEGATE_ENV || "local") === "local";

/** One setting of a place. Errors: {@link CannotRun} when it is not set. */
export function setting(place: Place, name: string): string {
  const value = place.settings[name];
  if (value) return value;
  throw new CannotRun(
    "SettingsMissing",
    `The setting ${name} is missing. Nothing was written. \`wavegate doctor\` shows what is set.`,
  );
}
