import { expect, it } from "vitest";
import { pinLook } from "../../lib/compile/pin/look.ts";
import type { Visit } from "../../lib/console/route.ts";
import { waveRowsSection } from "../../lib/console/sign-off/wave-rows.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";
import { speech } from "../../lib/speech/speech.ts";
import type { WaveAhead } from "../../lib/stages/wave/ahead.ts";
import { migrations } from "../../migrations/index.ts";

/** The table of a wave of one row without a name. */
function shown(migration: keyof typeof migrations, part: string | null): string {
  const look = pinLook(migrations[migration] as (typeof migrations)[string]);
  const row = {
    ...{ id: 1, part, source_table: "things", legacy_id: "7", name: "", phone: "", email: "" },
    ...{
      birth_year: "",
      classification: "row",
      validation_status: "valid",
      issues: null,
      planned: "commit",
    },
    ...{ duplicate_confidence: "none", action: null, table: null, planned_action: "thing" },
    ...{ planned_reason: null, state_reason: null, import_state: "pending", wave: null },
  };
  const ahead = {
    wave: 1,
    rows: 1,
    becomes: [],
    page: [row],
    next: null,
    previous: null,
  } as WaveAhead;
  const visit = { texts: textsIn("en"), ...speech("en", look) } as unknown as Visit;
  return waveRowsSection(visit, ahead, look, { base: "/s", reference: "R-1" }).toString();
}

it("R5 a row of a person without a name is said to have none, and one of a thing is not", () => {
  const { parts } = pinLook(migrations.community as (typeof migrations)[string]);
  const thing = parts.find(({ main }) => main.name === undefined);
  expect(shown("ecoin", null)).toContain("no name");
  expect(shown("ecoin", null)).toContain('<a href="/admin/legacy-imports/runs/R-1/rows/1">');
  expect(shown("community", thing?.part ?? "none")).not.toContain("no name");
});
