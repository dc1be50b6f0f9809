import type { Services } from "../../lib/services/services.ts";
import { agedServices } from "../support/services.ts";

/** Queries as the superuser, to prepare and to spoil. */
export interface Admin {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Real services at one fixed moment. */
export interface Evidence {
  readonly services: Services;
  readonly admin: Admin;
  close(): Promise<void>;
}

export async function startEvidence(): Promise<Evidence> {
  const { services, query, close } = await agedServices({
    now: () => new Date("2026-11-20T10:00:00.000Z"),
  });
  const admin = {
    query: async (text: string, values?: unknown[]) => ({ rows: await query(text, values) }),
  };
  return { services, admin, close };
}
