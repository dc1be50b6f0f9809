import { expect, it } from "vitest";
import { literal, raw } from "../../lib/data/sql.ts";
import { drill } from "../../lib/stages/drill.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { platformDigest, reviewed, reviewedServices, roles } from "../support/services.ts";
import { approve, runWave } from "../support/steps.ts";

/** Sets something for the sessions of a role in this database that begin from now on. */
const settled = (role: string, setting: string): string =>
  `do $$ begin execute format('alter role %I in database %I set %s', ${literal(role)}, current_database(), ${literal(setting)}); end $$`;

// Whoever has a role's password, or administers the database, may settle that between two steps of a run.
it.each([
  "default_transaction_isolation = 'serializable'",
  "default_transaction_isolation = 'repeatable read'",
  "default_transaction_deferrable = on",
])(
  "W7 W8 a run is signed off, written, drilled and taken back whatever its roles' sessions begin with: %s",
  async (setting) => {
    const test = await reviewedServices();
    try {
      const before = await platformDigest(test);
      for (const role of [roles.stage, roles.sign, roles.operator, roles.commit("ecoin")])
        await test.query(settled(role, setting));
      await approve(test, reviewed, "first_wave");
      const { written, verified } = await runWave(test, reviewed, 1);
      expect([written.counts.committed, verified.passed]).toEqual([25, true]);
      expect((await drill(test.services, reviewed)).passed).toBe(true);
      await previewRollback(test.services, reviewed);
      expect((await rollback(test.services, reviewed)).outcome).toBe("rolled_back");
      expect(await platformDigest(test)).toEqual(before);
    } finally {
      await test.close();
    }
  },
  120_000,
);

it("W7 each transaction says what it sees and whether it may write, whatever is set for its role", async () => {
  const test = await reviewedServices();
  try {
    const { stage } = test.services;
    await test.query(settled(roles.stage, "default_transaction_isolation = 'serializable'"));
    await test.query(settled(roles.stage, "default_transaction_read_only = on"));
    const says = raw(
      "select current_setting('transaction_isolation') || ', read ' || case current_setting('transaction_read_only') when 'on' then 'only' else 'write' end as mode",
    );
    for (const mode of [
      "read committed, read write",
      "repeatable read, read write",
      "repeatable read, read only",
    ] as const)
      expect(await stage.transaction((inside) => inside.one(says), mode)).toEqual({ mode });
    expect(await stage.transaction((inside) => inside.one(says))).toEqual({
      mode: "read committed, read write",
    });
  } finally {
    await test.close();
  }
});
