import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startS3Service } from "../../lib/embedded/s3/service.ts";
import { keptAws } from "./kept-aws.ts";
import { type Terminal, terminal } from "./terminal.ts";

/** Debian's own, which scripts/install-test-tools.sh installs. */
const there = {
  aws: existsSync("/usr/bin/aws"),
  boto3: existsSync("/usr/lib/python3/dist-packages/boto3"),
};
const run = promisify(execFile);

let folder: string;
let shell: Terminal;
let exports: string;
let aws: Awaited<ReturnType<typeof keptAws>>;

beforeAll(async () => {
  if (!there.aws) return;
  folder = await mkdtemp(join(tmpdir(), "wavegate-foreign-"));
  aws = await keptAws();
  shell = terminal({ cwd: folder });
  await shell.run("local", "up");
  exports = (await shell.run("local", "env")).out;
});
afterAll(async () => {
  if (!there.aws) return;
  await shell.run("local", "down");
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

/** A line of a shell that evaluated what `wavegate local env` printed; Debian's CLI comes first. */
async function bash(
  line: string,
  before = exports,
): Promise<{ code: number; out: string; err: string }> {
  const PATH = `${aws.folder}:/usr/bin:${process.env.PATH}`;
  const options = { cwd: folder, env: { ...process.env, PATH, HOME: folder } };
  try {
    const { stdout, stderr } = await run("bash", ["-c", `${before}\n${line}`], options);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const json = async (line: string) => {
  const { code, out, err } = await bash(line);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out);
};

const machine = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

if (!there.aws) {
  it("the AWS CLI is not installed: it was not tried (scripts/install-test-tools.sh installs it)", () => {
    console.info("W2 /usr/bin/aws is absent: the AWS CLI was not tried against a local run.");
    expect(there.aws).toBe(false);
  });
} else {
  describe("W2 the AWS CLI drives a local run", () => {
    it("lists, describes and starts state machines", async () => {
      const { stateMachines } = await json("aws stepfunctions list-state-machines");
      expect(stateMachines.map(({ name }: { name: string }) => name)).toEqual([
        "migration",
        "rollback",
        "wave",
      ]);
      const described = await json(
        `aws stepfunctions describe-state-machine --state-machine-arn ${machine("wave")}`,
      );
      expect(described.status).toBe("ACTIVE");
      const tags = await json(
        `aws stepfunctions list-tags-for-resource --resource-arn ${machine("wave")}`,
      );
      expect(tags).toEqual({ tags: [] });
      const { executionArn } = await json(
        `aws stepfunctions start-execution --state-machine-arn ${machine("rollback")} --name by-hand --input '{"run":"no"}'`,
      );
      expect(executionArn).toBe("arn:aws:states:us-east-1:000000000000:execution:rollback:by-hand");
      const { executions } = await json(
        `aws stepfunctions list-executions --state-machine-arn ${machine("rollback")}`,
      );
      expect(executions).toHaveLength(1);
      const { events } = await json(
        `aws stepfunctions get-execution-history --execution-arn ${executionArn}`,
      );
      expect(events[0]).toMatchObject({ id: 1, previousEventId: 0, type: "ExecutionStarted" });
    });

    it("uses the other verbs, and is told in AWS's words what is wrong", async () => {
      const executionArn = "arn:aws:states:us-east-1:000000000000:execution:rollback:by-hand";
      const of = await json(
        `aws stepfunctions describe-state-machine-for-execution --execution-arn ${executionArn}`,
      );
      expect(of.name).toBe("rollback");
      const bare = await json(
        `aws stepfunctions describe-state-machine-for-execution --execution-arn ${executionArn} --query '[name, mapRunArn]'`,
      );
      expect(bare).toEqual(["rollback", null]);
      const refusals = [
        [
          `list-executions --state-machine-arn ${machine("wave")} --status-filter PAUSED`,
          "(ValidationException)",
        ],
        [
          `list-executions --state-machine-arn ${machine("wave")} --starting-token x`,
          "(InvalidToken)",
        ],
        [`send-task-heartbeat --task-token x`, "(AccessDeniedException)"],
        // `wavegate stop --now` asks the function that knows who may.
        [`stop-execution --execution-arn ${executionArn}`, "(AccessDeniedException)"],
        ["send-task-success --task-token x --task-output '{}'", "(AccessDeniedException)"],
        [
          `create-state-machine --name x --definition '{}' --role-arn ${machine("x")}`,
          "(UnknownOperationException)",
        ],
      ];
      for (const [line = "", refusal = ""] of refusals) {
        const { code, err } = await bash(`aws stepfunctions ${line}`);
        expect([line, code, err]).toEqual([line, 254, expect.stringContaining(refusal)]);
      }
    });

    it("asks who started what, under CloudTrail's longer name", async () => {
      const { Events } = await json(
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=StartExecution",
      );
      expect(Events).toHaveLength(1);
      const document = JSON.parse(Events[0].CloudTrailEvent);
      expect(document.responseElements.executionArn).toMatch(/:rollback:by-hand$/);
    });

    it("asks for its version, for the key of bundles, and is told in STS's own form what is not there", async () => {
      expect((await bash("aws --version")).out).toMatch(/^aws-cli/);
      const key = "arn:aws:kms:us-east-1:000000000000:key/wavegate-bundles";
      expect(await json(`aws kms get-public-key --key-id ${key} --query KeySpec`)).toBe(
        "ECC_NIST_P256",
      );
      for (const [line = "", refusal = ""] of [
        ["sts get-session-token", "(InvalidAction) when calling the GetSessionToken operation"],
        ["cloudtrail describe-trails", "The embedded CloudTrail has no operation"],
        ["sesv2 list-email-identities", "(UnknownOperationException)"],
        ["ec2 describe-instances", "This machine has stepfunctions"],
      ]) {
        const { code, err } = await bash(`aws ${line}`);
        expect([line, code > 0, err]).toEqual([line, true, expect.stringContaining(refusal)]);
      }
    });

    it("asks who it is", async () => {
      const identity = await json("aws sts get-caller-identity");
      expect(identity).toMatchObject({
        Account: "000000000000",
        Arn: expect.stringMatching(/^arn:aws:iam::000000000000:user\//),
      });
    });

    it.each([
      ["another region", "arn:aws:states:eu-west-3:000000000000:stateMachine:wave", "InvalidArn"],
      [
        "another partition",
        "arn:aws-cn:states:us-east-1:000000000000:stateMachine:wave",
        "InvalidArn",
      ],
      [
        "another account",
        "arn:aws:states:us-east-1:111122223333:stateMachine:wave",
        "AccessDeniedException",
      ],
    ])("is refused an ARN of %s", async (_, arn, name) => {
      const lines = [
        `start-execution --state-machine-arn ${arn}`,
        `describe-state-machine --state-machine-arn ${arn}`,
        `describe-execution --execution-arn ${arn.replace("stateMachine:wave", "execution:wave:x")}`,
      ];
      for (const line of lines) {
        const { code, err } = await bash(`aws stepfunctions ${line}`);
        expect([code, err]).toEqual([254, expect.stringContaining(`(${name})`)]);
      }
    });

    it("looks at the evidence, and changes nothing in it", async () => {
      expect((await bash("aws s3 ls")).out).toMatch(/wavegate-evidence\n[^\n]*wavegate-files\n$/);
      const versions = await bash(
        "aws s3api list-object-versions --bucket wavegate-evidence --prefix runs/ --output text",
      );
      expect([versions.code, versions.err]).toEqual([0, ""]);
      const put = await bash("echo x | aws s3 cp - s3://wavegate-evidence/x");
      expect([put.code, put.err]).toEqual([1, expect.stringContaining("AccessDenied")]);
    });

    it("says which services there are when another is asked for", async () => {
      const { code, err } = await bash("aws ec2 describe-instances");
      expect([code, err]).toEqual([252, expect.stringContaining("stepfunctions, cloudtrail")]);
    });
  });

  describe("W2 the AWS CLI over the object store", () => {
    it("copies, moves, synchronises and lists", async () => {
      const store = await mkdtemp(join(tmpdir(), "wavegate-store-"));
      const s3 = await startS3Service({
        directory: store,
        buckets: ["bucket"],
        authenticate: async () => "tester",
      });
      try {
        const files = join(folder, "files");
        await mkdir(join(files, "deep"), { recursive: true });
        await writeFile(join(files, "a.txt"), "a");
        await writeFile(join(files, "deep/b ä.txt"), "bb");
        const on = `export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
          s3() { aws --endpoint-url ${s3.url} "$@"; }`;
        const all = await bash(
          `set -e
          s3 s3 sync files s3://bucket/files --only-show-errors
          s3 s3 cp s3://bucket/files/a.txt s3://bucket/copies/a.txt --only-show-errors
          s3 s3 mv s3://bucket/copies/a.txt s3://bucket/moved/a.txt --only-show-errors
          s3 s3 sync s3://bucket/files back --only-show-errors
          s3 s3api list-objects --bucket bucket --query 'Contents[].Key' --output json
          s3 s3api list-objects --bucket bucket --delimiter / --query 'CommonPrefixes[].Prefix' --output json`,
          on,
        );
        expect([all.code, all.err]).toEqual([0, ""]);
        expect(all.out.replaceAll(/\s+/g, " ").trim()).toBe(
          '[ "files/a.txt", "files/deep/b ä.txt", "moved/a.txt" ] [ "files/", "moved/" ]',
        );
        expect(await readFile(join(folder, "back/deep/b ä.txt"), "utf8")).toBe("bb");
      } finally {
        await s3.close();
        await rm(store, { recursive: true, force: true });
      }
    });
  });

  describe("W2 the AWS CLI over versions", () => {
    it("lists, reads, restores and copies them, and synchronises what changed", async () => {
      const store = await mkdtemp(join(tmpdir(), "wavegate-store-"));
      const s3 = await startS3Service({
        directory: store,
        buckets: ["bucket"],
        authenticate: async () => "tester",
      });
      try {
        const files = join(folder, "tree");
        await mkdir(files, { recursive: true });
        await writeFile(join(files, "a.txt"), "one");
        // Above 8 MB the CLI uploads, and copies, in parts.
        await writeFile(join(files, "large"), Buffer.alloc(9 * 1024 * 1024, "x"));
        const on = `export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= AWS_DEFAULT_OUTPUT=text
          s3() { aws --endpoint-url ${s3.url} "$@"; }
          versions() { s3 s3api list-object-versions --bucket bucket "$@"; }`;
        const all = await bash(
          `set -e
          s3 s3 sync tree s3://bucket/tree --only-show-errors
          s3 s3 sync tree s3://bucket/tree
          sleep 1; echo two, longer > tree/a.txt
          s3 s3 sync tree s3://bucket/tree | sed 's/.*upload:/upload:/'
          versions --prefix tree/a --query 'length(Versions)'
          first=$(versions --prefix tree/a --query 'Versions[-1].VersionId')
          s3 s3api get-object --bucket bucket --key tree/a.txt --version-id $first first.txt --query ContentLength
          rm tree/a.txt
          s3 s3 sync tree s3://bucket/tree --delete | sed 's/.*delete:/delete:/'
          versions --query 'DeleteMarkers[].[Key, IsLatest]'
          marker=$(versions --query 'DeleteMarkers[0].VersionId')
          s3 s3api delete-object --bucket bucket --key tree/a.txt --version-id $marker --query DeleteMarker
          s3 s3 cp s3://bucket/tree/a.txt -
          s3 s3 cp s3://bucket/tree/large s3://bucket/copy --only-show-errors
          s3 s3api head-object --bucket bucket --key copy --query '[ContentLength, ETag]'
          s3 s3api copy-object --bucket bucket --key tree/a.txt --copy-source "bucket/tree/a.txt?versionId=$first" --query 'length(VersionId)'
          s3 s3 cp s3://bucket/tree/a.txt -
          echo
          versions --no-paginate --max-keys 2 --query 'Versions[].Key'
          s3 s3 mb s3://another
          s3 s3 rb s3://another
          s3 s3api get-bucket-versioning --bucket bucket`,
          on,
        );
        expect([all.code, all.err]).toEqual([0, ""]);
        expect(all.out.trim().split(/\s*\n+/)).toEqual([
          "upload: tree/a.txt to s3://bucket/tree/a.txt",
          "2",
          "3",
          "delete: s3://bucket/tree/a.txt",
          "tree/a.txt\tTrue",
          "True",
          "two, longer",
          expect.stringMatching(/^9437184\t"[0-9a-f]{32}-2"$/),
          "32",
          "one",
          "copy\ttree/a.txt",
          "make_bucket: another",
          "remove_bucket: another",
          "Enabled",
        ]);
        const refused = await bash(
          "s3 s3 rb s3://bucket; s3 s3api get-object --bucket bucket --key copy --version-id nonsense out",
          on,
        );
        expect(refused.err).toContain("(BucketNotEmpty)");
        expect(refused.err).toContain("(InvalidArgument)");
      } finally {
        await s3.close();
        await rm(store, { recursive: true, force: true });
      }
    });
  });

  describe("W2 boto3 drives a local run", () => {
    it("is refused an ARN of elsewhere by every operation, and runs transactions", async () => {
      if (!there.boto3) return;
      const program = `
import boto3, os
from botocore.exceptions import ClientError
at = lambda name, url: boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL_" + url])
sfn, data = at("stepfunctions", "SFN"), at("rds-data", "RDS_DATA")
def code(call, **given):
    try:
        call(**given)
        return "no error"
    except ClientError as error:
        return error.response["Error"]["Code"]
places = [("aws", "eu-west-3", "000000000000"), ("aws-cn", "us-east-1", "000000000000"), ("aws", "us-east-1", "111122223333")]
for partition, region, account in places:
    base = "arn:%s:states:%s:%s:" % (partition, region, account)
    machine, execution = base + "stateMachine:wave", base + "execution:wave:x"
    codes = [code(sfn.start_execution, stateMachineArn=machine), code(sfn.describe_state_machine, stateMachineArn=machine),
        code(sfn.list_executions, stateMachineArn=machine), code(sfn.list_tags_for_resource, resourceArn=machine),
        code(sfn.describe_execution, executionArn=execution), code(sfn.get_execution_history, executionArn=execution),
        code(sfn.describe_state_machine_for_execution, executionArn=execution)]
    cluster = "arn:%s:rds:%s:%s:cluster:wavegate" % (partition, region, account)
    secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:wavegate/operator"
    codes += [code(data.execute_statement, resourceArn=cluster, secretArn=secret, sql="select 1"),
        code(data.begin_transaction, resourceArn=cluster, secretArn=secret)]
    print(sorted(set(codes)))
target = {"resourceArn": "arn:aws:rds:us-east-1:000000000000:cluster:wavegate",
    "secretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:wavegate/operator"}
begun = data.begin_transaction(database=os.environ["DATABASE"], **target)["transactionId"]
print(data.execute_statement(transactionId=begun, sql="select 1 as one", **target)["records"])
print(data.rollback_transaction(transactionId=begun, **target)["transactionStatus"])
print(code(data.commit_transaction, transactionId=begun, **target))
print(code(data.batch_execute_statement, database=os.environ["DATABASE"], sql="select 1; select 2", **target))
`;
      await writeFile(join(folder, "elsewhere.py"), program);
      const { url } = JSON.parse((await shell.run("local", "database", "--output", "json")).out);
      const database = new URL(url).pathname.slice(1);
      const { out, err } = await bash(`DATABASE=${database} /usr/bin/python3 elsewhere.py`);
      expect([out.trim().split("\n"), err]).toEqual([
        [
          "['HttpEndpointNotEnabledException', 'InvalidArn']",
          "['HttpEndpointNotEnabledException', 'InvalidArn']",
          "['AccessDeniedException', 'HttpEndpointNotEnabledException']",
          "[[{'longValue': 1}]]",
          "Rollback Complete",
          "TransactionNotFoundException",
          "ValidationException",
        ],
        "",
      ]);
    });

    it("keeps 64-bit integers, both ways", async () => {
      if (!there.boto3) {
        console.info("W2 boto3 is absent: it was not tried against a local run.");
        return;
      }
      const program = `
import boto3, os
at = lambda name, url: boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL_" + url])
print(at("stepfunctions", "SFN").list_state_machines()["stateMachines"][0]["name"])
print(at("sts", "STS").get_caller_identity()["Account"])
answer = at("rds-data", "RDS_DATA").execute_statement(
    resourceArn="arn:aws:rds:us-east-1:000000000000:cluster:wavegate",
    secretArn="arn:aws:secretsmanager:us-east-1:000000000000:secret:wavegate/operator",
    database=os.environ["DATABASE"], sql="select :id as id",
    parameters=[{"name": "id", "value": {"longValue": 9007199254740993}}])
print(answer["records"][0][0]["longValue"])
`;
      await writeFile(join(folder, "program.py"), program);
      const { url } = JSON.parse((await shell.run("local", "database", "--output", "json")).out);
      const database = new URL(url).pathname.slice(1);
      const { code, out, err } = await bash(`DATABASE=${database} /usr/bin/python3 program.py`);
      expect([code, out, err]).toEqual([0, "migration\n000000000000\n9007199254740993\n", ""]);
    });
  });
}
