import { type FunctionName, pascalCase } from "../../lib/infra/functions.ts";
import { type Permission, permissionsOfRole, type Resource } from "../../lib/infra/template.ts";
import { deployedNames, type Made, ofType } from "./templates.ts";

/** The logical id of a function's resource of a type: `Functions` + its name + the rest. */
export function resourceOf(made: Made, name: FunctionName, type: string): [string, Resource] {
  const begins = `Functions${pascalCase(name)}`;
  const rest = type === "AWS::IAM::Role" ? "Role" : "Function";
  const found = ofType(made, type).find(([id]) =>
    new RegExp(`^${begins}${rest}[0-9A-F]{8}$`).test(id),
  );
  if (!found) throw new Error(`There is no ${type} of ${name}.`);
  return found;
}

/** What a function may do. */
export const permissionsOf = (made: Made, name: FunctionName): Permission[] =>
  permissionsOfRole(made.resources, resourceOf(made, name, "AWS::IAM::Role")[0]);

/** Functions that hold a permission. */
export const holdersOf = (made: Made, holds: (permission: Permission) => boolean): FunctionName[] =>
  deployedNames.filter((name) => permissionsOf(made, name).some(holds)).sort();
