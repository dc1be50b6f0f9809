import { afterAll, beforeAll, expect, it } from "vitest";
import {
  beginRemoving,
  copiesNow,
  intendCopies,
  noteCopies,
  noteRemoved,
  toRemove,
} from "../../lib/compile/wave/file-copies.ts";
import { asText, type Sql } from "../../lib/data/sql.ts";
import { reviewed as run, type TestServices, waveOneServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await waveOneServices();
});
afterAll(() => test.close());

const states = ["intended", "copied", "changed", "occupied", "removing", "removed"];
const ids = states.map((_, at) => -1 - at);

/** A copy of each state, each at a key of its own, of which the run made a version. */
async function ofEachState(): Promise<void> {
  await test.query("delete from wavegate.file_copies");
  await test.query(
    `insert into wavegate.file_copies (run_id, staged_id, object_key, state, sha256, version, own)
     select $1, -n, 'k' || n, state, 'old', 'v', true from unnest($2::text[]) with ordinality s(state, n)`,
    [run, states],
  );
}
const made = (statement: Sql) => test.query(asText(statement));
const standing = async () =>
  (
    await test.query<{ is: string }>(
      "select concat_ws(' ', state, sha256, version, own) as is from wavegate.file_copies order by staged_id desc",
    )
  ).map(({ is }) => is);
const was = (state: string) => `${state} old v t`;
const but = (changed: Readonly<Record<string, string>>) =>
  states.map((state) => changed[state] ?? was(state));

it("A5 W3 a copy is intended anew where none is, and nowhere else: not where one is made, nor where one is being taken away", async () => {
  await ofEachState();
  const row = { name: "n", type: "t", size: 1, sha256: "new", state: null };
  await made(
    intendCopies(
      run,
      ids.map((id, at) => ({ ...row, id, key: `k${at + 1}` })),
    ),
  );
  expect(await standing()).toEqual(but({ intended: "intended new f", removed: "intended new f" }));
});

it("A5 W3 what became of a copy is noted of one that was intended alone", async () => {
  await ofEachState();
  await made(
    noteCopies(
      run,
      ids.map((id) => ({ id, state: "copied" as const, version: "w", own: false })),
    ),
  );
  expect(await standing()).toEqual(but({ intended: "copied old w f" }));
});

it("A5 D16 what no row rests on is taken away, and what was not begun to be taken away is not noted as gone", async () => {
  await ofEachState();
  await made(noteRemoved(run, ids));
  expect(await standing()).toEqual(but({ removing: "removed f" }));
  await ofEachState();
  await made(beginRemoving(run));
  expect(await standing()).toEqual(but({ intended: was("removing"), copied: was("removing") }));
});

it("A5 W3 a copy that another row has, or is about to have, is shared, and the version is the run's own where a store has versions", async () => {
  await ofEachState();
  const found = async (statement: Sql) => (await made(statement)) as Record<string, unknown>[];
  const removed = async () =>
    (await found(toRemove(run, [-5]))).map(({ version, shared }) => [version, shared]);
  expect(await removed()).toEqual([["v", false]]);
  for (const state of ["intended", "copied"]) {
    await test.query("update wavegate.file_copies set object_key = 'k5' where state = $1", [state]);
    expect(await removed()).toEqual([["v", true]]);
    const now = await found(copiesNow(run, [state === "intended" ? -1 : -2]));
    expect(now.map((each) => [each.state, each.removing])).toEqual([[state, true]]);
    await test.query("update wavegate.file_copies set object_key = 'else' where state = $1", [
      state,
    ]);
  }
  const set = (change: string) =>
    test.query(`update wavegate.file_copies set ${change} where state = 'removing'`);
  await set("version = 'null'");
  expect(await removed()).toEqual([[null, false]]);
  await set("version = 'v', own = false");
  expect(await removed()).toEqual([[null, false]]);
});
