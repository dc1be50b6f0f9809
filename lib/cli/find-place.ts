import { CannotRun } from "./failure.ts";
import type { Io } from "./io.ts";
import { isLocal, type Place } from "./place.ts";

/**
 * The place that `WAVEGATE_ENV` names: this machine's runtime, or AWS with the settings of the
 * environment, which `.env` stands behind. Errors: {@link CannotRun}.
 */
export async function placeOf(io: Io): Promise<Place> {
  if (isLocal(io)) {
    const { localPlace } = await import("./local/place.ts");
    return localPlace(io);
  }
  const own = defined(io.env);
  const settings = { ...(await stackSettings(own)), ...own };
  const missing = neededOnAws.filter((name) => !settings[name]);
  if (missing.length > 0) {
    throw new CannotRun(
      "SettingsMissing",
      `WAVEGATE_ENV is “${io.env.WAVEGATE_ENV}”, and these settings are missing: ${missing.join(", ")}. Nothing was written. Take them from the stack's outputs into the environment or .env${io.env.WAVEGATE_ENV === "aws" ? "" : "; where it is “aws”, the stack is asked for them"}.`,
    );
  }
  return { name: io.env.WAVEGATE_ENV as string, settings };
}

/** What the stack says of itself (`--stack NAME`, or `WAVEGATE_ENV=aws`), unless all is set by hand. */
async function stackSettings(
  own: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  if (neededOnAws.every((name) => own[name])) return {};
  if (!own.WAVEGATE_STACK && own.WAVEGATE_ENV !== "aws") return {};
  const { defaultStack, settingsOfStack } = await import("./aws-stack.ts");
  return settingsOfStack(own.WAVEGATE_STACK || defaultStack);
}

const neededOnAws = [
  "AWS_REGION",
  "WAVEGATE_CLUSTER_ARN",
  "WAVEGATE_DATABASE",
  "WAVEGATE_OPERATOR_SECRET_ARN",
  "WAVEGATE_EVIDENCE_BUCKET",
  "WAVEGATE_MIGRATION_MACHINE_ARN",
  "WAVEGATE_WAVE_MACHINE_ARN",
  "WAVEGATE_ROLLBACK_MACHINE_ARN",
] as const;

function defined(env: Io["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
