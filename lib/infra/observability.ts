import { Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { output } from "./database.ts";
import type { MachineName } from "./definitions.ts";
import { type FunctionName, pascalCase } from "./functions.ts";
import type { Settings } from "./settings.ts";
import type { SignOff } from "./sign-off.ts";

interface Props {
  readonly settings: Settings;
  readonly key: IKey;
  readonly functions: ReadonlyMap<FunctionName, IFunction>;
  readonly machines: Readonly<Record<MachineName, StateMachine>>;
  readonly signOff: SignOff;
}

const hour = Duration.hours(1);
const fiveMinutes = Duration.minutes(5);

/** Functions that nobody waits for, and what was not done when Lambda tried thrice in vain and dropped the call. */
const dropped = {
  waiting: "The hourly look at waiting sign-offs could not be made.",
  "erase-due": "The people of runs whose time is over could not be erased, or not all of them.",
  "note-sign-in":
    "Wrong or changed passwords are missing in the security log; the log group of the user pool has them.",
} as const satisfies Partial<Record<FunctionName, string>>;

/** What people look at, and what wakes them. */
export class Observability extends Construct {
  private readonly alarmed: SnsAction;

  constructor(
    scope: Construct,
    id: string,
    { settings, key, functions, machines, signOff }: Props,
  ) {
    super(scope, id);
    const topic = new Topic(this, "Alarms", {
      displayName: `Alarms of ${Stack.of(this).stackName}`,
      masterKey: key,
      enforceSSL: true,
    });
    letAlarmsIn(topic);
    topic.addSubscription(new EmailSubscription(settings.alarms.mail));
    this.alarmed = new SnsAction(topic);
    output(this, "AlarmTopicArn", topic.topicArn);

    const lost = this.makeLost();
    this.call("waiting", functions, lost, {
      id: "Hourly",
      description: "Looks how long people have been waited for",
      every: hour,
    });
    // Off unless somebody settled it: what is erased does not come back (B13).
    if (settings.eraseAfterDays !== undefined) {
      this.call("erase-due", functions, lost, {
        id: "Daily",
        description: `Erases the people of runs that are over for ${settings.eraseAfterDays} days`,
        every: Duration.days(1),
      });
    }
    this.alarmOfDropped("note-sign-in", functions);
    const failed = signOff.failed(fiveMinutes);
    this.raiseAlarms(machines, lost, failed);
    this.drawDashboard(machines, failed);
  }

  /** Ours, of the whole deployment. */
  private metric(metricName: string, statistic: string = Stats.SUM, period = fiveMinutes): Metric {
    return new Metric({
      namespace: "wavegate",
      metricName,
      dimensionsMap: { Deployment: Stack.of(this).stackName },
      statistic,
      period,
    });
  }

  private makeLost(): Queue {
    return new Queue(this, "Lost", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }

  /** The queue takes what could not be handed over; of a function that fails it is told nothing. */
  private call(
    name: keyof typeof dropped,
    functions: Props["functions"],
    deadLetterQueue: Queue,
    { id, description, every }: { id: string; description: string; every: Duration },
  ): void {
    const target = { deadLetterQueue, retryAttempts: 2, maxEventAge: hour };
    new Rule(this, id, {
      description,
      schedule: Schedule.rate(every),
      targets: [new LambdaFunction(functions.get(name) as IFunction, target)],
    });
    this.alarmOfDropped(name, functions);
  }

  private alarmOfDropped(name: keyof typeof dropped, functions: Props["functions"]): void {
    const called = functions.get(name) as IFunction;
    const metric = called.metric("AsyncEventsDropped", {
      statistic: Stats.SUM,
      period: fiveMinutes,
    });
    this.alarm(`${pascalCase(name)}Lost`, metric, 0, dropped[name]);
  }

  private raiseAlarms(machines: Props["machines"], lost: Queue, failed: IMetric): void {
    for (const [name, machine] of Object.entries(machines)) {
      const id = `${pascalCase(name)}Failed`;
      const failures: [string, IMetric][] = [
        ["", machine.metricFailed({ period: fiveMinutes })],
        ["TimedOut", machine.metricTimedOut({ period: fiveMinutes })],
      ];
      for (const [kind, metric] of failures) {
        this.alarm(
          `${id}${kind}`,
          metric,
          0,
          `An execution of ${name} failed${kind ? " by time-out" : ""}.`,
        );
      }
    }
    this.alarm(
      "Halted",
      this.metric("RunsHalted"),
      0,
      "A run halted and waits for resume or stop.",
    );
    this.alarm(
      "SignOffOld",
      this.metric("SignOffHours", Stats.MAXIMUM, hour),
      24,
      "A sign-off has been waited for longer than a day.",
      // Looked at once an hour, a moment sooner or later: between two looks it is as it was.
      TreatMissingData.IGNORE,
    );
    this.alarm(
      "VerificationFailed",
      this.metric("VerificationsFailed"),
      0,
      "A verification failed; integrity failures are never repaired automatically.",
    );
    this.alarm(
      "RollbackConflict",
      this.metric("RollbackConflicts"),
      0,
      "A rollback spared rows that were edited since.",
    );
    this.alarm(
      "DataApiErrors",
      this.metric("DataApiErrors"),
      20,
      "The database refused more than 20 calls in five minutes.",
    );
    this.alarm(
      "AnswersFailed",
      this.metric("AnswersFailed"),
      0,
      "A page, a terminal's request or one for people's activity was answered with an error of wavegate's own.",
    );
    this.alarm(
      "PagesFail",
      failed,
      // Each page that waits for a database that wakes asks every five seconds, and is such an answer each time.
      10,
      "More than ten requests to the pages and the terminals' routes failed in five minutes: functions do not answer in time or at all, or the database sleeps on.",
    );
    this.alarm(
      "LookLost",
      lost.metricApproximateNumberOfMessagesVisible({ period: fiveMinutes }),
      0,
      "A call by the clock could not be handed to its function.",
    );
  }

  private alarm(
    id: string,
    metric: IMetric,
    above: number,
    says: string,
    // Nothing runs most of the time.
    treatMissingData = TreatMissingData.NOT_BREACHING,
  ): void {
    new Alarm(this, id, {
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData,
      alarmDescription: `${says} See the runbook.`,
    }).addAlarmAction(this.alarmed);
  }

  private drawDashboard(machines: Props["machines"], failed: IMetric): void {
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 8 });
    const sums = (...names: string[]) => names.map((name) => this.metric(name));
    const all = Object.values(machines);
    const { region } = Stack.of(this);
    const transitions = new Metric({
      namespace: "AWS/States",
      metricName: "ConsumedCapacity",
      dimensionsMap: { ServiceMetric: "StateTransition" },
      statistic: Stats.SUM,
      period: fiveMinutes,
    });
    const dashboard = new Dashboard(this, "Dashboard", {
      dashboardName: `${Stack.of(this).stackName}-${region}`,
      defaultInterval: Duration.days(1),
      widgets: [
        [
          graph(
            "Rows by stage",
            sums("RowsRead", "RowsStaged", "RowsValid", "RowsCommitted", "RowsLinked"),
          ),
          graph(
            "Rows that wait for a person",
            sums("RowsNeedingReview", "RowsFailed", "RowsUnknown", "RowsHeldBack"),
          ),
          graph(
            "Waves",
            sums(
              "WavesCommitted",
              "VerificationsPassed",
              "VerificationsFailed",
              "RowsRolledBack",
              "RollbackConflicts",
            ),
          ),
        ],
        [
          graph("Hours waited for a person", [this.metric("SignOffHours", Stats.MAXIMUM, hour)]),
          graph(
            "Executions",
            all.flatMap((machine) => [
              machine.metricStarted(),
              machine.metricSucceeded(),
              machine.metricFailed(),
            ]),
          ),
          graph("Errors", [
            ...sums("Errors", "DataApiErrors", "RunsHalted", "AnswersFailed"),
            failed,
          ]),
        ],
        [
          graph("What costs: requests", sums("DataApiRequests", "EvidenceRequests")),
          graph("What costs: state transitions of the account", [transitions]),
          graph("What costs: milliseconds of functions", sums("Milliseconds")),
        ],
      ],
    });
    output(this, "DashboardName", dashboard.dashboardName);
  }
}

/** A topic with a policy of its own, as one that asks for TLS, lets nobody in whom the policy does not name. */
function letAlarmsIn(topic: Topic): void {
  const { partition, region, account } = Stack.of(topic);
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { "aws:SourceAccount": account },
        ArnLike: { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` },
      },
    }),
  );
}
