import { expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { ledgerOf } from "../../lib/review/row-record.ts";

it("W14 D20 a key of the platform that may be somebody's address is told by its digest of a row's ledger, any other as it is", async () => {
  const keys = ["sara@example.com", "S-1", 7, null];
  const db = { rows: async () => keys.map((target_id) => ({ target_id })) } as unknown as Database;
  const lines = await ledgerOf(db, { id: "7f3a0000-0000-4000-8000-000000000001" }, 1);
  expect(lines.map(({ target_id }) => target_id)).toEqual([
    expect.stringMatching(/^sha256:[0-9a-f]{64}$/u),
    "S-1",
    7,
    null,
  ]);
});
