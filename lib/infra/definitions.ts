import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type FunctionName, functionNames, pascalCase } from "./functions.ts";

export const machineNames = ["migration", "wave", "rollback"] as const;

export type MachineName = (typeof machineNames)[number];

/** A state of a definition, as far as deployment and pictures read it. */
export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly TimeoutSeconds?: number;
  readonly Error?: string;
  readonly Choices?: readonly { readonly Next: string; readonly [key: string]: unknown }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly ItemProcessor?: Definition;
}

/** A state machine in Amazon States Language. */
export interface Definition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}

/** The text of a state machine's file. */
export const definitionText = (name: MachineName): string =>
  readFileSync(new URL(`../../statemachines/${name}.asl.yaml`, import.meta.url), "utf8");

export const readDefinition = (name: MachineName): Definition =>
  parse(definitionText(name), { maxAliasCount: -1 }) as Definition;

/** Which functions and machines a definition names, by its substitutions. Errors: one it does not know. */
export function definitionOf(name: MachineName): {
  functions: FunctionName[];
  machines: MachineName[];
} {
  const named = new Set(
    [...definitionText(name).matchAll(/\$\{(\w+)\}/gu)].map(([, word]) => word),
  );
  const functions = functionNames.filter((each) => named.delete(`${pascalCase(each)}Function`));
  const machines = machineNames.filter((each) => named.delete(`${pascalCase(each)}StateMachine`));
  if (named.size > 0) {
    throw new Error(
      `statemachines/${name}.asl.yaml names ${[...named].join(", ")}, which nothing is deployed for.`,
    );
  }
  return { functions, machines };
}
