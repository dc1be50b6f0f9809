import { createHash } from "node:crypto";
import pg from "pg";
import { expect, inject, it } from "vitest";
import { derivedUuid } from "../../lib/compile/target/new-keys.ts";
import { derived } from "../../lib/define/builders.ts";
import { small } from "../support/small.ts";

/** Of version 8 (RFC 9562), its other bits those of the digest. */
function derivedOf(named: readonly string[]): string {
  // As PostgreSQL writes a list of JSON.
  const text = `[${named.map((each) => JSON.stringify(each)).join(", ")}]`;
  const bytes = createHash("sha256").update(text, "utf8").digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}

it("M11 a derived key is the same whenever it is made, by whatever version: that of the digest of what it is derived from", async () => {
  const migration = small("derived_keys", "no", { id: derived("id", "legacy_id") });
  const keys = [
    "a",
    "b c",
    'it"s \\ é',
    "日本",
    ...Array.from({ length: 500 }, (_, n) => `M-${n}`),
  ];
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select p.legacy_id as of, ${derivedUuid(migration, "things", ["legacy_id"])} as key
         from unnest($1::text[]) as u(legacy_id) cross join lateral (select u.legacy_id, 'things' as source_table) p`,
      [[...keys, null]],
    );
    const expected = keys.map((of) => ({
      of,
      key: derivedOf(["derived_keys", "things", "things", of]),
    }));
    expect(rows).toEqual([...expected, { of: null, key: null }]);
  } finally {
    await client.end();
  }
});
