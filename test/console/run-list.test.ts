import { expect, it } from "vitest";
import { runListPage } from "../../lib/console/runs/list-page.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";

/** The list without any run, as somebody of these permissions sees it. */
function empty(permissions: readonly string[], filter = {}): string {
  const visit = {
    ...{ language: "en", texts: textsIn("en"), person: { name: "vera", permissions } },
    ...{
      tokenFor: () => "token",
      request: { path: "/admin/legacy-imports", query: new URLSearchParams() },
    },
  };
  const view = { runs: [], filter, next: undefined, migrations: ["ecoin"] };
  return runListPage(visit as never, view).body;
}

it("R5 an empty list leads whoever may to the first run, and is not narrowed; one that was narrowed says so", () => {
  const starter = empty(["legacy_imports.view", "legacy_imports.run"]);
  expect(starter).toContain("There is no run yet.");
  expect(starter).toContain('<a class="button main" href="/start">');
  expect(starter).not.toContain('class="filter"');
  expect(empty(["legacy_imports.view"])).not.toContain("/start");
  const narrowed = empty(["legacy_imports.view", "legacy_imports.run"], { status: "halted" });
  expect(narrowed).toContain("No run is like that.");
  expect(narrowed).toContain('class="filter"');
  expect(narrowed).not.toContain('class="button main"');
});
