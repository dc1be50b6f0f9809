import { measure, measureFailure, type Numbers } from "./measures.ts";
import { publicError } from "./public-error.ts";
import { countRequests, takeRequestCounts } from "./requests.ts";

/** Where lines and metrics go; in Lambda both are CloudWatch Logs. */
interface Sinks {
  /** One structured line of the log. */
  readonly line: (entry: Readonly<Record<string, unknown>>) => void;
  /** One document of CloudWatch's embedded metric format, as text. */
  readonly metrics: (document: string) => void;
  readonly now: () => number;
}

const lambdaSinks: Sinks = {
  line: (entry) => console.info(entry),
  // Past `console`: with JSON logs Lambda would wrap the document, and CloudWatch not find it.
  metrics: (document) => void process.stdout.write(`${document}\n`),
  now: () => Date.now(),
};

type Handler = (input: never, context?: unknown) => Promise<unknown>;

/**
 * A handler as it is deployed: prepared once for each call, one line of log, its numbers as
 * metrics, and errors without personal data. Neither its input nor its output is logged (W14).
 */
export function observed(
  about: { readonly name: string; readonly prepare: () => Promise<void> },
  handler: Handler,
  sinks: Sinks = lambdaSinks,
): (input: unknown, context?: unknown) => Promise<unknown> {
  countRequests();
  let cold = true;
  return async (input, context) => {
    const began = sinks.now();
    const told = { function: about.name, run: runOf(input), cold };
    cold = false;
    takeRequestCounts();
    try {
      await about.prepare();
      const output = await handler(input as never, context);
      const numbers = { ...measure(about.name, output), ...takeRequestCounts() };
      const milliseconds = sinks.now() - began;
      sinks.line({ ...told, outcome: "done", milliseconds, ...numbers });
      sinks.metrics(metricDocument(about.name, sinks, { ...numbers, Milliseconds: milliseconds }));
      return output;
    } catch (error) {
      const safe = publicError(error);
      const numbers = { ...measureFailure(safe.name), ...takeRequestCounts(), Errors: 1 };
      sinks.line({ ...told, outcome: "failed", error: safe.name, at: framesOf(safe), ...numbers });
      sinks.metrics(metricDocument(about.name, sinks, numbers));
      // Lambda hands a stack on with the error, into the history of an execution: what states hand on has 256 KiB.
      safe.stack = safe.name;
      throw safe;
    }
  };
}

const framesOf = ({ stack = "" }: Error): string[] =>
  stack
    .split("\n")
    .filter((line) => /^\s+at /u.test(line))
    .map((line) => line.trim());

/** The run's id, if the input is one that names a run. */
function runOf(input: unknown): string | undefined {
  const named = input as { run?: unknown; input?: { run?: unknown } } | null;
  const run = named?.run ?? named?.input?.run;
  return typeof run === "string" && /^[0-9a-f-]{36}$/iu.test(run) ? run : undefined;
}

/**
 * CloudWatch keeps each number twice: of the whole deployment, and of the function. They are of the moment that they are
 * told: one of a quarter of an hour ago would be older than what an alarm looks at.
 */
function metricDocument(name: string, { now }: Sinks, numbers: Numbers): string {
  const deployment = process.env.WAVEGATE_DEPLOYMENT ?? "wavegate";
  const units = (metric: string) => (metric === "Milliseconds" ? "Milliseconds" : "Count");
  const metrics = Object.keys(numbers).map((metric) => ({ Name: metric, Unit: units(metric) }));
  return JSON.stringify({
    _aws: {
      Timestamp: now(),
      CloudWatchMetrics: [
        {
          Namespace: "wavegate",
          Dimensions: [["Deployment"], ["Deployment", "Function"]],
          Metrics: metrics,
        },
      ],
    },
    Deployment: deployment,
    Function: name,
    ...numbers,
  });
}
