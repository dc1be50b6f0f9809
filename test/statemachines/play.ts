import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import type { Json } from "../../lib/embedded/states/asl.ts";
import { StandIn } from "../embedded/states/stand-in.ts";
import { functionsOf, goodAnswers, ourMachines, run } from "./machines.ts";

/** How functions behave in a play; what is not said is what a good day brings. */
interface Play {
  readonly answers?: Record<string, Json>;
  /** What next-wave answers, one after the other, and “done” from then on. */
  readonly steps?: readonly Json[];
  /** What rollback answers, one after the other; else what a good day brings. */
  readonly rollbacks?: readonly Json[];
  /** What the task of a sign-off is answered with. */
  readonly signOff?: Json;
  /** What “caller” answers before a wave begins. */
  readonly stamped?: Json;
  /** Names of the errors that a function fails with, one a call, before it answers. */
  readonly failures?: Readonly<Record<string, readonly string[]>>;
  readonly input?: Json;
  readonly machine?: string;
}

/** How a play ended, the functions called in their order, what each was given, and the error that `halted` was told. */
interface Played {
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly called: readonly string[];
  readonly given: Readonly<Record<string, readonly Json[]>>;
  readonly halted: unknown;
  readonly output: unknown;
  /** Events of the machine's own history. */
  readonly events: number;
}

export const inOrder: readonly Json[] = [
  { next: "ask", wave: 1, gate: "first_wave" },
  { next: "wave", wave: 1 },
  { next: "drill" },
  { next: "done" },
];

let theatre: Promise<StandIn> | undefined;
let plays = 0;

/** Ends the one service that all plays of a test file take place on. */
export async function closeTheatre(): Promise<void> {
  await (await theatre)?.close();
  theatre = undefined;
}

/** Plays one of the machines as they are deployed to its end, with functions that answer as they are told. */
export async function play({
  answers = {},
  steps = inOrder,
  rollbacks = [],
  signOff = { decision: "approved" },
  stamped,
  failures = {},
  input = { migration: "ecoin", run },
  machine = "migration",
}: Play): Promise<Played> {
  const called: string[] = [];
  const given: Record<string, Json[]> = {};
  plays += 1;
  const left = [...steps];
  const failing = new Map(Object.entries(failures).map(([name, names]) => [name, [...names]]));
  let halted: unknown;
  const good = { ...goodAnswers(), ...answers };
  const functions = functionsOf(good, called, {
    caller: (payload) => {
      called.push("caller");
      // A wave's execution has a name that no other one has.
      const name = `wave-${plays}-${called.length}`;
      return "wave" in (payload as object)
        ? stamped === undefined
          ? { execution: name, stamp: "signed" }
          : stamped
        : (good.caller as Json);
    },
    "next-wave": () => {
      called.push("next-wave");
      const step = left.length > 0 ? (left.shift() as Json) : { next: "done" };
      const turn = called.filter((name) => name === "next-wave").length;
      return typeof step === "object" && step !== null && !Array.isArray(step)
        ? { turn, ...step }
        : step;
    },
    rollback: () => {
      called.push("rollback");
      const answered = called.filter((name) => name === "rollback").length;
      return rollbacks[answered - 1] ?? (good.rollback as Json);
    },
    "sign-off": (payload) => {
      called.push("sign-off");
      const taskToken = (payload as { token: string }).token;
      const output = JSON.stringify(signOff);
      queueMicrotask(() =>
        opened.client.send(new SendTaskSuccessCommand({ taskToken, output })).catch(() => {}),
      );
      return {};
    },
    halted: (payload) => {
      called.push("halted");
      halted = (payload as { error: { Error: string } }).error.Error;
      return {};
    },
  });
  theatre ??= ourMachines().then((machines) => StandIn.start(machines));
  const opened = await theatre;
  for (const [name, answer] of Object.entries(functions)) {
    opened.functions[name] = (payload, context) => {
      given[name] = [...(given[name] ?? []), payload];
      const failure = failing.get(name)?.shift();
      if (failure === undefined) return answer(payload, context);
      called.push(name);
      throw Object.assign(new Error("It went wrong."), { name: failure });
    };
  }
  const executionArn = await opened.begin(machine, input);
  const { status, error, output } = await opened.ended(executionArn);
  const events = (await opened.history(executionArn)).length;
  return { status, error, called, given, halted, output, events };
}
