import { SourceError } from "../../sources/errors.ts";
import { openSource } from "../../sources/open.ts";
import { type SourceSettings, settingsPrefix, sourceSettings } from "../../sources/settings.ts";
import { accountHealth, type HealthLine } from "../../sources/wild-apricot/health.ts";
import type { Answer, Frame } from "../command.ts";
import { migrationNamed } from "../migrations.ts";

/** `wavegate health NAME`: whether a migration's source answers, and where this is. Exit 1 when it does not. */
export async function health({ io }: Frame, name: string): Promise<Answer> {
  const { connection } = migrationNamed(name);
  const lines: HealthLine[] = [{ ok: true, says: `Environment: ${placeIn(io.env)}` }];
  try {
    lines.push(...(await look(sourceSettings(connection, io.env))));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    lines.push({ ok: false, says: error.message });
  }
  const passed = lines.every(({ ok }) => ok);
  return {
    exit: passed ? 0 : 1,
    json: { connection, prefix: settingsPrefix(connection), passed, lines },
    text: [
      ...lines.map(({ ok, says }) => `${ok ? "[OK]" : "[FAIL]"} ${says}`),
      "",
      `Health check ${passed ? "PASSED" : "FAILED"}`,
    ],
  };
}

/** An account is asked and not read; of every other source it is said what it is. */
async function look(settings: SourceSettings): Promise<readonly HealthLine[]> {
  if (settings.driver === "wild-apricot") return accountHealth(settings);
  const source = await openSource(settings);
  try {
    const { readOnly } = await source.identify();
    return [
      { ok: true, says: `${source.description} answers` },
      { ok: readOnly, says: readOnly ? "It is read only" : "Its user may do more than read" },
    ];
  } finally {
    await source.close();
  }
}

/** Where this is, as a runbook asks: nothing is guessed of a name that says neither. */
function placeIn(env: Readonly<Record<string, string | undefined>>): string {
  const { WAVEGATE_ENV: place = "local", WAVEGATE_STACK: stack = "" } = env;
  if (place === "" || place === "local") return "localhost";
  const named = `${place} ${stack}`.toLowerCase();
  if (/stag|test|dev/u.test(named)) return `staging (${stack || place})`;
  return `production (${stack || place})`;
}
