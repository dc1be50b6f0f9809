import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startS3Service } from "../../lib/embedded/s3/service.ts";
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

beforeAll(async () => {
  if (!there.aws) return;
  folder = await mkdtemp(join(tmpdir(), "wavegate-foreign-"));
  shell = terminal({ cwd: folder });
  await shell.run("local", "up");
  exports = (await shell.run("local", "env")).out;
});
afterAll(async () => {
  if (!there.aws) return;
  await shell.run("local", "down");
  await rm(folder, { recursive: true, force: true });
});

/** A line of a shell that evaluated what `wavegate local env` printed; Debian's CLI comes first. */
async function bash(
  line: string,
  before = exports,
): Promise<{ code: number; out: string; err: string }> {
  const PATH = `/usr/bin:${process.env.PATH}`;
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

    it("asks who started what, under CloudTrail's longer name", async () => {
      const { Events } = await json(
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=StartExecution",
      );
      expect(Events).toHaveLength(1);
      const document = JSON.parse(Events[0].CloudTrailEvent);
      expect(document.responseElements.executionArn).toMatch(/:rollback:by-hand$/);
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
      for (const line of [
        `describe-state-machine --state-machine-arn ${arn}`,
        `start-execution --state-machine-arn ${arn}`,
        `describe-execution --execution-arn ${arn.replace("stateMachine:wave", "execution:wave:x")}`,
      ]) {
        const { code, err } = await bash(`aws stepfunctions ${line}`);
        expect([code, err]).toEqual([254, expect.stringContaining(`(${name})`)]);
      }
    });

    it("looks at the evidence, and changes nothing in it", async () => {
      expect((await bash("aws s3 ls")).out).toMatch(/wavegate-evidence\n$/);
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

  describe("W2 boto3 drives a local run", () => {
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
