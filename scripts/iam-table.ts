import { writeFile } from "node:fs/promises";
import { machineNames } from "../lib/infra/definitions.ts";
import { exampleTemplate } from "../lib/infra/examples/template.ts";
import { type FunctionName, functionNames, functions, pascalCase } from "../lib/infra/functions.ts";
import {
  ofType,
  type Permission,
  permissionsOfPolicy,
  permissionsOfRole,
  type Resources,
} from "../lib/infra/template.ts";

/** Where the table is kept. */
export const iamTableFile = new URL("../docs/iam.md", import.meta.url);

/** What a resource is called in the table: logical ids and ARNs say little to people. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^\*$/, "everything"],
  [/cluster:[\w-]+$/, "the database"],
  [/^DatabaseStageSecret/, "password of the role stage"],
  [/^DatabaseSignSecret/, "password of the role sign"],
  [/^DatabaseCommitSecret/, "passwords of the commit roles"],
  [/^DatabaseServeSecret/, "password of the role serve"],
  [/^DatabaseOperatorSecret/, "password of the role operator"],
  [/secret:platform\/admin/, "the administrator's password"],
  [/secret:legacy\//, "settings of the legacy connection"],
  [/^TokenKey/, "key of task tokens"],
  [/^StampKey/, "key of stamps"],
  [/s3:::legacy-files(?:\/\*)?$/, "files of the legacy system"],
  [/s3:::platform-files(?:\/\*)?$/, "copies of files"],
  [/^EvidenceBucket.*runs\/\*$/, "evidence, runs/*"],
  [/^EvidenceBucket/, "list of evidence, runs/*"],
  [/^EvidenceSigningKey/, "key of signatures"],
  [/^EvidenceKey/, "key of evidence"],
  [/^Key/, "key of secrets"],
  [/Log[0-9A-F]{8}\.Arn$/, "own log"],
  [/:execution:[\w-]+-(\w+):\*$/, "executions of $1"],
  [/stateMachine:[\w-]+-(\w+)$/, "machine $1"],
  [/identity\/[^@]+$/, "domain of the sender"],
  [/identity\/.+@/, "address of the sender"],
  [/rule\/StepFunctions/, "Step Functions' own rule"],
  [/^Functions(\w+?)Function[0-9A-F]{8}\.Arn$/, "$1"],
  [/cloudformation/, "this stack"],
  [/execute-api:.*\/POST\/executions$/, "the route that starts executions"],
  [/execute-api:.*\/POST\/decisions$/, "the route that keeps decisions"],
  [/execute-api:.*\/POST\/looks$/, "the route that answers about rows"],
];

function nameOf(resource: string): string {
  const found = names.find(([pattern]) => pattern.test(resource));
  if (!found) throw new Error(`scripts/iam-table.ts has no name for ${resource}.`);
  const [pattern, name] = found;
  return name.includes("$1") ? name.replace("$1", pattern.exec(resource)?.[1] ?? "") : name;
}

/** `a` on x, y · `b` on z: actions with the same resources together. */
function sentence(permissions: readonly Permission[]): string {
  const byResources = new Map<string, Set<string>>();
  for (const action of [...new Set(permissions.map((each) => each.action))].sort()) {
    const on = permissions
      .filter((each) => each.action === action)
      .map(({ resource }) => nameOf(resource));
    const key = [...new Set(on)].sort().join(", ");
    byResources.set(key, (byResources.get(key) ?? new Set()).add(action));
  }
  const shortened = [...byResources].map(([on, actions]): [string, string[]] => {
    const others = [...actions].filter((each) => !each.startsWith("rds-data:"));
    return [on, others.length === actions.size ? others : [...others, "rds-data"]];
  });
  return shortened
    .map(([on, actions]) => `${actions.map((each) => `\`${each}\``).join(" ")} on ${on}`)
    .join("<br>");
}

const always = /^(?:logs|xray|ec2):/;

/** The permissions of a deployment as a page of documentation. */
export function iamTable(resources: Resources): string {
  const roleOf = (begins: RegExp) =>
    ofType(resources, "AWS::IAM::Role").find(([id]) => begins.test(id))?.[0] ?? "";
  const rows = functionNames.map((name: FunctionName) => {
    const role = roleOf(new RegExp(`^Functions${pascalCase(name)}Role[0-9A-F]{8}$`));
    const own = permissionsOfRole(resources, role).filter(({ action }) => !always.test(action));
    return `| ${name} | ${functions[name].says} | ${sentence(own)} |`;
  });
  const machines = machineNames.map((name) => {
    const role = roleOf(new RegExp(`^Workflow${pascalCase(name)}Role[0-9A-F]{8}$`));
    const own = permissionsOfRole(resources, role).filter(({ action }) => !always.test(action));
    return `| ${name} | ${sentence(own)} |`;
  });
  const reader = permissionsOfRole(resources, roleOf(/^EvidenceReader[0-9A-F]{8}$/));
  const [, operators] = ofType(resources, "AWS::IAM::ManagedPolicy")[0] ?? [];
  return `# Who may do what

Made from the template of the example for production by \`node scripts/iam-table.ts\`; a test fails
when it is not current. Beside what stands here every function writes its own log and traces, and the
four that read the legacy system have network interfaces. Keys are used through one service only.
\`rds-data\` stands for ExecuteStatement, BeginTransaction, CommitTransaction and
RollbackTransaction.

## Functions

| function | what it does | may |
|---|---|---|
${rows.join("\n")}

## State machines

Log delivery and tracing beside it.

| machine | may |
|---|---|
${machines.join("\n")}

## People

| who | may |
|---|---|
| auditors (the reader role) | ${sentence(reader)} |
| operators (the policy for their roles) | ${sentence(operators ? permissionsOfPolicy(operators) : [])} |

Approvers have no permission in AWS at all: they sign in at the pages, and the function there decides.

## Wildcards

Every resource that ends in \`*\`, and why nothing narrower does, stands in
\`lib/infra/acknowledgements.ts\`; a test holds that list against the template, both ways.
`;
}

if (import.meta.main) {
  await writeFile(iamTableFile, iamTable(await exampleTemplate()));
  console.log("docs/iam.md is current.");
}
