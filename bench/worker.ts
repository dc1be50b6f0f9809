/**
 * A process of its own that runs the functions of `functions/`, as Lambda would: the parent sends
 * `{ id, state, input }` and gets `{ id, output }` or `{ id, error }`.
 */
import { sharedServices } from "../lib/services/create.ts";
import { migrations } from "../migrations/index.ts";
import { approveGate } from "./approve.ts";
import { pageTimes } from "./page-times.ts";
import { systems } from "./systems.ts";

type Handler = (input: unknown) => Promise<unknown>;

/** What the benchmark does besides calling functions: a person's answer, and looks at pages. */
const helpers: Record<string, Handler> = {
  "bench:approve": (input) =>
    approveGate(sharedServices(), input as Parameters<typeof approveGate>[1]),
  "bench:pages": (input) => pageTimes(sharedServices(), input as { run: string }),
};

// Beside the project's own migrations those that are only measured.
for (const { definition } of Object.values(systems)) migrations[definition.name] ??= definition;

process.on(
  "message",
  async ({ id, state, input }: { id: number; state: string; input: unknown }) => {
    try {
      const handler =
        helpers[state] ?? ((await import(`../functions/${state}.ts`)).handler as Handler);
      process.send?.({ id, output: await handler(input) });
    } catch (error) {
      const { name, message, stack } = error as Error;
      process.send?.({ id, error: { name, message, stack } });
    }
  },
);
// Ends with its parent, and in good order.
for (const end of ["SIGTERM", "disconnect"]) process.on(end, () => process.exit(0));
process.send?.({ ready: true });
