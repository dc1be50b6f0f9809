import { createRequire } from "node:module";
import validator from "asl-validator";
import { type AslDefinition, insideOf, type State } from "./asl.ts";
import { parseResource } from "./resource.ts";
import { type Located, statesOf, targetsOf } from "./walk.ts";

/** A definition that AWS would refuse, or that the stand-in cannot run as AWS would. */
export class InvalidStateMachine extends Error {
  override readonly name = "InvalidStateMachine";
}

/** Throws `InvalidStateMachine` with all problems unless the machine can be run here as on AWS. */
export function refuseInvalid(machine: string, definition: AslDefinition): void {
  const problems = [...invalid(definition), ...unsupported(definition)];
  if (problems.length === 0) return;
  throw new InvalidStateMachine(
    `The state machine ${machine} cannot be run here. Nothing was started. ${problems.join(" ")}`,
  );
}

interface Checks {
  addKeyword(definition: unknown): Checks;
}

/** The library that makes checks from schemas, as the validator loads it. */
const library = createRequire(createRequire(import.meta.url).resolve("asl-validator"))("ajv") as {
  default: new (options: object) => Checks;
};
let made: Checks | undefined;

/**
 * Asks the validator, which would make its checks from its schemas anew for each machine, a quarter of a second of a
 * processor: in one process they are made once, with the keywords that it adds to them.
 */
function validated(definition: object): ReturnType<typeof validator> {
  const { default: Made } = library;
  library.default = new Proxy(Made, {
    construct: (_, [options]) => {
      if (made !== undefined) return Object.assign(made, { addKeyword: () => made });
      made = new Made(options);
      return made;
    },
  });
  try {
    return validator(definition);
  } finally {
    library.default = Made;
  }
}

/** What AWS would refuse, in sentences. */
export function invalid(definition: AslDefinition): string[] {
  // The validator writes into what it is given.
  const { errors } = validated(structuredClone(definition));
  const said = errors.map((error) => error.Message ?? error.message ?? "The schema does not hold");
  return [...new Set([...said.map(asSentence), ...looseEnds(definition)])];
}

/** What the stand-in does not do, and so does not pretend to do, in sentences. */
export function unsupported(definition: AslDefinition): string[] {
  const whole =
    definition.QueryLanguage === "JSONata" ? ["The machine is written in JSONata."] : [];
  return [...whole, ...statesOf(definition).flatMap(unsupportedIn)].map((problem) =>
    problem.includes("JSONata") ? `${problem} Only JSONPath is run here.` : problem,
  );
}

const JSONATA_FIELDS = ["Arguments", "Output", "Assign", "Condition", "Items"];
const DISTRIBUTED_FIELDS = [
  "ItemReader",
  "ItemBatcher",
  "ResultWriter",
  "ToleratedFailureCount",
  "ToleratedFailureCountPath",
  "ToleratedFailurePercentage",
  "ToleratedFailurePercentagePath",
];

function unsupportedIn({ name, state }: Located): string[] {
  const problems: string[] = [];
  if (state.QueryLanguage === "JSONata") problems.push(`The state ${name} is written in JSONata.`);
  for (const field of JSONATA_FIELDS) {
    if (field in state)
      problems.push(`The state ${name} has ${field}, which is for JSONata or variables.`);
  }
  for (const field of DISTRIBUTED_FIELDS) {
    if (field in state) problems.push(`The Map ${name} has ${field}, which is not run here.`);
  }
  if (state.Type === "Map" && (state.ItemProcessor ?? state.Iterator) && isDistributed(state)) {
    problems.push(`The Map ${name} is DISTRIBUTED; only INLINE is run here.`);
  }
  return [...problems, ...unsupportedCall(name, state)];
}

function unsupportedCall(name: string, state: State): string[] {
  if (state.Type !== "Task" || typeof state.Resource !== "string") return [];
  const type = (state.Parameters as { InvocationType?: unknown } | undefined)?.InvocationType;
  if (type !== undefined && type !== "RequestResponse") {
    return [
      `The task ${name} has InvocationType ${String(type)}; only RequestResponse is run here.`,
    ];
  }
  try {
    parseResource(state.Resource);
    return [];
  } catch (thrown) {
    return [`In the task ${name}: ${(thrown as Error).message}`];
  }
}

function isDistributed(map: State): boolean {
  const config = insideOf(map).ProcessorConfig as { Mode?: string } | undefined;
  return config?.Mode === "DISTRIBUTED";
}

/** Transitions that lead nowhere; the validator looks for them only where the schema holds. */
function looseEnds(definition: AslDefinition): string[] {
  return statesOf(definition).flatMap(({ name, state, group }) =>
    targetsOf(state)
      .filter((target) => !Object.hasOwn(group.States, target))
      .map((target) => `The state ${name} goes to ${target}, which is not there.`),
  );
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
