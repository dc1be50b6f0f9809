import { expect, it } from "vitest";
import { sparedOf } from "../../lib/cli/verbs/rollback.ts";
import type { Database } from "../../lib/data/database.ts";
import { ledgerOf } from "../../lib/review/row-record.ts";
import { keptPreviews } from "../../lib/stages/preview-rollback.ts";

const keys = ["sara@example.com", "S-1", 7];
const shown = [expect.stringMatching(/^sha256:[0-9a-f]{64}$/u), "S-1", 7];
const run = "7f3a0000-0000-4000-8000-000000000001";
/** A database that answers everything with some rows. */
const answering = (rows: readonly unknown[]) => ({ rows: async () => rows }) as unknown as Database;

it("W14 D20 so is one that a rollback spared, in a terminal", async () => {
  const db = answering(keys.map((target_id) => ({ target_id })));
  expect((await sparedOf(db, run, 1)).map(({ target_id }) => target_id)).toEqual(shown);
});

it("W14 D20 so is one that a rollback would spare, in a preview that was kept", async () => {
  const conflicts = keys.map((id) => ({ table: "members", id, conflict: {} }));
  const piece = Buffer.from(JSON.stringify({ wave: 1, conflicts })).toString("base64");
  const [wave] = await keptPreviews(answering([{ piece, ends: true, left: 1 }]), run, 1);
  expect(wave?.conflicts.map(({ id }) => id)).toEqual(shown);
});

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
