import { expect, it } from "vitest";
import { trialSays } from "../../lib/cli/verbs/try.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { wildApricot } from "../../migrations/wild-apricot/definition.ts";

it("B12 a trial says that rows are held because the slice lacks what they name, where rows name one another", () => {
  expect(trialSays(wildApricot)).toBe(
    "This was a trial of a part of the source: nobody signs it and nothing of it is written. A row that names one outside of that part is held here, as if there was none. `wavegate try wild-apricot --forget` takes it away.",
  );
  expect(trialSays(ecoin)).not.toContain("outside");
});
