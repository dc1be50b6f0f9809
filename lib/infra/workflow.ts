import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { output } from "./database.ts";
import { definitionOf, type MachineName, machineNames, readDefinition } from "./definitions.ts";
import { type FunctionName, pascalCase } from "./functions.ts";
import { executionsOf } from "./grants.ts";
import type { Settings } from "./settings.ts";

/** ARNs of the machines, from their names: functions know them before the machines are made. */
export function machineArns(scope: Construct): Record<MachineName, string> {
  const { partition, region, account, stackName } = Stack.of(scope);
  return Object.fromEntries(
    machineNames.map((name) => [
      name,
      `arn:${partition}:states:${region}:${account}:stateMachine:${stackName}-${name}`,
    ]),
  ) as Record<MachineName, string>;
}

interface Props {
  readonly settings: Settings;
  readonly logKey: IKey;
  readonly functions: ReadonlyMap<FunctionName, IFunction>;
}

/** The three state machines, each with a role that may invoke exactly the functions it names. */
export class Workflow extends Construct {
  readonly machines: Readonly<Record<MachineName, StateMachine>>;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    this.machines = Object.fromEntries(
      machineNames.map((name) => [name, this.makeMachine(name, props)]),
    ) as Record<MachineName, StateMachine>;
    this.machines.migration.node.addDependency(this.machines.wave);
    for (const [name, machine] of Object.entries(this.machines)) {
      output(this, `${pascalCase(name)}MachineArn`, machine.stateMachineArn);
    }
  }

  private makeMachine(name: MachineName, { settings, logKey, functions }: Props): StateMachine {
    const { functions: named, machines } = definitionOf(name);
    const arns = machineArns(this);
    const invoked = named.map((each) => functions.get(each) as IFunction);
    const role = new Role(this, `${pascalCase(name)}Role`, {
      description: `The state machine ${name} of ${Stack.of(this).stackName}`,
      assumedBy: new ServicePrincipal("states.amazonaws.com"),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: invoked.map(({ functionArn }) => functionArn),
      }),
    );
    for (const other of machines)
      for (const each of this.waitFor(arns[other])) role.addToPolicy(each);
    return new StateMachine(this, pascalCase(name), {
      stateMachineName: `${Stack.of(this).stackName}-${name}`,
      // As JSON, in which everything is written out: what AWS reads of YAML beyond that is not documented.
      definitionBody: DefinitionBody.fromString(JSON.stringify(readDefinition(name))),
      definitionSubstitutions: {
        ...Object.fromEntries(
          named.map((each, n) => [
            `${pascalCase(each)}Function`,
            (invoked[n] as IFunction).functionArn,
          ]),
        ),
        ...Object.fromEntries(
          machines.map((other) => [`${pascalCase(other)}StateMachine`, arns[other]]),
        ),
      },
      role,
      logs: {
        destination: new LogGroup(this, `${pascalCase(name)}Log`, {
          // Of groups with this prefix the one policy that AWS keeps for all that is delivered holds any number.
          logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}-${name}`,
          retention: settings.logDays,
          encryptionKey: logKey,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        // Payloads are ids and counts, and still no business of the log (W14).
        includeExecutionData: false,
      },
      tracingEnabled: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** To start an execution and wait for it, Step Functions has a rule of its own in EventBridge. */
  private waitFor(machineArn: string): PolicyStatement[] {
    const { partition, region, account } = Stack.of(this);
    return [
      new PolicyStatement({ actions: ["states:StartExecution"], resources: [machineArn] }),
      new PolicyStatement({
        actions: ["states:DescribeExecution", "states:StopExecution"],
        resources: [executionsOf(machineArn)],
      }),
      new PolicyStatement({
        actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
        resources: [
          `arn:${partition}:events:${region}:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
        ],
      }),
    ];
  }
}
