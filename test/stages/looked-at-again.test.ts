import { expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import {
  ConnectionLost,
  DatabaseContended,
  DatabaseErrorException,
} from "../../lib/data/failures.ts";
import { watch } from "../../lib/define/builders.ts";
import { notComparable, reconcile } from "../../lib/stages/wave/reconcile.ts";
import { readFigures, unreadable } from "../../lib/stages/wave/watch-platform.ts";
import { community } from "../../migrations/community/definition.ts";

const run = { id: "7f3a0000-0000-4000-8000-00000000100d", settings: null } as never;
const figure = watch("queue", "jobs that wait", "select count(*) from jobs", { above: 0 });
const failing = (error: Error) =>
  ({ transaction: () => Promise.reject(error) }) as unknown as Database;
/** What each look comes to that takes what cannot be read for a finding. */
const looks = (error: Error): readonly Promise<unknown>[] => [
  reconcile(failing(error), community, run).then((checks) => checks.map(({ got }) => got)),
  notComparable(failing(error), community, run),
  readFigures(failing(error), [figure]),
  unreadable(failing(error), [figure]),
];

it.each([
  ["a connection that was lost", new ConnectionLost("ECONNRESET", "database")],
  ["a server that ends itself", new ConnectionLost("SQLState: 57P01", "database")],
  ["a lock that was not given", new DatabaseContended("SQLState: 55P03")],
  [
    "a database that is not there",
    Object.assign(new Error("no"), { name: "DatabaseUnavailableException" }),
  ],
])(
  "W3 R13 C8 %s is no finding about what was looked at: the step is sent again",
  async (_what, error) => {
    for (const look of looks(error)) await expect(look).rejects.toBe(error);
  },
);

it.each([
  [
    "a table that is missing",
    new DatabaseErrorException("relation does not exist; SQLState: 42P01"),
  ],
  ["what took too long", new ConnectionLost("SQLState: 57014", "database")],
])("C4 C8 %s is one", async (_what, error) => {
  const [checks, uncompared, figures, unread] = await Promise.all(looks(error));
  const sides = community.reconcile?.sides.map(({ id }) => id);
  expect(checks).toEqual(sides?.map(() => "not readable"));
  expect(uncompared).toEqual(sides);
  expect(figures).toEqual([{ id: "queue", value: null }]);
  expect(unread).toEqual(["queue"]);
});
