import { SourceError } from "../errors.ts";
import { apiClient } from "./client.ts";
import type { WildApricotSettings } from "./settings.ts";
import { realTime, type Time } from "./time.ts";

/** One thing that was looked at. */
export interface HealthLine {
  readonly ok: boolean;
  readonly says: string;
}

/** Asks an account for a token and for its levels; reads nobody's data (V2). */
export async function accountHealth(
  settings: WildApricotSettings,
  time: Time = realTime,
): Promise<readonly HealthLine[]> {
  const { account } = settings;
  const lines: HealthLine[] = [
    { ok: true, says: "WA_API_KEY is set" },
    { ok: true, says: `WA_ACCOUNT_ID is set (${account})` },
  ];
  const client = apiClient(settings, time);
  try {
    const { scopes } = await client.grant();
    lines.push({ ok: true, says: "WA API is reachable" });
    lines.push({ ok: true, says: "Token obtained successfully" });
    const levels = await client.get("/membershiplevels");
    lines.push({ ok: true, says: `Account ID verified: ${account}` });
    const count = Array.isArray(levels) ? levels.length : 0;
    lines.push({
      ok: count > 0,
      says: count > 0 ? `Membership levels: ${count}` : "The account has no membership levels",
    });
    lines.push({ ok: true, says: `The key may: ${scopes.join(", ") || "nothing that it names"}` });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    lines.push({ ok: false, says: error.message });
  }
  return lines;
}
