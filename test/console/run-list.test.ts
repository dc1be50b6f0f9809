import { expect, it } from "vitest";
import { runListPage } from "../../lib/console/runs/list-page.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";

/** The list, without any run unless some are said, as somebody of these permissions sees it. */
function empty(permissions: readonly string[], filter = {}, runs: readonly object[] = []): string {
  const visit = {
    ...{ language: "en", texts: textsIn("en"), person: { name: "vera", permissions } },
    ...{
      tokenFor: () => "token",
      request: { path: "/admin/legacy-imports", query: new URLSearchParams() },
    },
  };
  const view = { runs, filter, next: undefined, migrations: ["ecoin"] };
  return runListPage(visit as never, view as never).body;
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

it("R5 M12 a run that was taken back shows how many of its rows were, as a part of its bar and in words", () => {
  const rows = {
    staged: 4,
    committed: 0,
    linked: 0,
    held: 1,
    skipped: 0,
    failed: 0,
    rolled_back: 3,
    spared: 0,
  };
  const run = {
    ...{
      id: "i",
      reference: "ecoin-1",
      migration: "ecoin",
      status: "rolled_back",
      control: "stop",
    },
    ...{ stage: "export-review", preflight: { passed: true }, started_by: "karim", rows },
    ...{ created_at: "2026-11-20T10:00:00Z", pending_gate: null, written: true, copies_left: 0 },
    ...{ erased_at: null, erased_rows: null, unanswered: false, withdrawn: null, alive: false },
  };
  const body = empty(["legacy_imports.view"], {}, [run]);
  expect(body).toContain("0 of 4 written, 3 taken back, 1 held");
  expect(body).toMatch(/<rect class="rolled_back" x="25.000" y="0" width="75.000"/u);
  const before = empty(["legacy_imports.view"], {}, [
    { ...run, rows: { ...rows, rolled_back: 0 } },
  ]);
  expect(before).not.toContain("taken back");
  // What was spared stands still, and somebody has to look at it.
  const spared = empty(["legacy_imports.view"], {}, [
    { ...run, rows: { ...rows, rolled_back: 1, spared: 2 } },
  ]);
  expect(spared).toContain("2 of 4 written, 1 taken back, 1 held");
  expect(spared).toMatch(/<td data-label="Waits for">a decision</u);
  expect(body).not.toMatch(/<td data-label="Waits for">a decision</u);
});
