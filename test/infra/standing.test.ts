import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { handler } from "../../functions/refuse-replacement.ts";
import type { SettingsInput } from "../../lib/infra/settings.ts";
import { replacedBy } from "../../lib/infra/standing.ts";
import type { Resource } from "../../lib/infra/template.ts";
import { type Stands, stillStands } from "../../lib/telemetry/stands.ts";
import byDefault from "../../wavegate.config.ts";
import { deployments, newApp, wanted } from "./templates.ts";

type Whole = Resource & {
  readonly DependsOn?: string[];
  readonly UpdateReplacePolicy?: string;
};

const resourcesOf = (settings: SettingsInput): Record<string, Whole> =>
  Template.fromStack(newApp("default", settings).stack).toJSON().Resources;

const asking = (resources: Record<string, Whole>): [string, Whole] =>
  Object.entries(resources).find(([, { Type }]) => Type === "Custom::WavegateStands") as [
    string,
    Whole,
  ];
const standsOf = (resources: Record<string, Whole>): Stands =>
  asking(resources)[1].Properties.Stands as Stands;

/** Whatever is lost with what it held, or is stood on by that. */
const holdsData = /::(?:DBCluster|Bucket|UserPool|VPC|Subnet|DBSubnetGroup)$/u;

/** Everything that a resource waits for. */
function waitsFor(
  resources: Record<string, Whole>,
  id: string,
  seen = new Set<string>(),
): Set<string> {
  const text = JSON.stringify([resources[id]?.Properties, { Ref: "" }]);
  const named = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":(?:\["(\w+)"|"(\w+)")/gu)].map(
    ([, attribute, ref]) => (attribute ?? ref) as string,
  );
  for (const each of [...named, ...[resources[id]?.DependsOn ?? []].flat()]) {
    if (resources[each] === undefined || seen.has(each)) continue;
    seen.add(each);
    waitsFor(resources, each, seen);
  }
  return seen;
}

describe.each(deployments)("what holds data in the deployment %s", (name) => {
  const resources = resourcesOf(wanted[name]);
  const [asks] = asking(resources);
  const holding = Object.keys(resources).filter((id) => holdsData.test(resources[id]?.Type ?? ""));

  it("W13 waits until it is asked whether it would be replaced, and the asking waits for none of it", () => {
    expect(holding.length).toBeGreaterThan(2);
    expect(holding.filter((id) => !waitsFor(resources, id).has(asks))).toEqual([]);
    expect([...waitsFor(resources, asks)].filter((id) => holding.includes(id))).toEqual([]);
  });

  it("is told of by what the template says of it", () => {
    const stands = standsOf(resources);
    expect(Object.keys(stands).sort()).toEqual(holding.sort());
    for (const [id, { type, properties }] of Object.entries(stands)) {
      expect(type).toBe(resources[id]?.Type);
      for (const [property, text] of Object.entries(properties))
        expect(JSON.parse(text)).toEqual(resources[id]?.Properties[property]);
    }
  });
});

it("W13 what replaces a resource is what AWS's own table of its properties says, and no less", () => {
  const table = gunzipSync(
    readFileSync(new URL("../../node_modules/aws-cdk/db.json.gz", import.meta.url)),
  );
  const { schema } = JSON.parse(table.toString()) as {
    schema: {
      resource: {
        entities: {
          cloudFormationType: string;
          properties: Record<string, { causesReplacement?: string }>;
        }[];
      };
    };
  };
  const known = schema.resource.entities.filter(
    ({ cloudFormationType: type }) => type in replacedBy,
  );
  expect(known.length).toBe(Object.keys(replacedBy).length);
  for (const { cloudFormationType: type, properties } of known) {
    const replacing = Object.keys(properties).filter((name) =>
      ["yes", "maybe"].includes(properties[name]?.causesReplacement ?? "no"),
    );
    const missing = replacing.filter((name) => !replacedBy[type]?.includes(name));
    expect([type, missing]).toEqual([type, []]);
  }
});

/** Production with everything made for it. */
const ownProd: SettingsInput = {
  ...wanted.prod,
  database: { kind: "new", name: "platform" },
  network: { kind: "new" },
  legacy: { ...wanted.prod.legacy, reach: { cidr: "10.20.0.0/16" } },
};

/**
 * What would be made anew and empty under another logical id, which is the path of a construct in the code. A deployed stack
 * knows it by this one: whoever moves such a construct keeps its id by `overrideLogicalId`, and this list as it is.
 */
const named = {
  DatabaseCluster5B53A178: "AWS::RDS::DBCluster",
  DatabaseClusterSubnets5540150D: "AWS::RDS::DBSubnetGroup",
  EvidenceAccessesD22E5EC1: "AWS::S3::Bucket",
  EvidenceBucketC67FF768: "AWS::S3::Bucket",
  EvidenceKey167D8F4D: "AWS::KMS::Key",
  EvidenceSigningKeyDB2F4715: "AWS::KMS::Key",
  Key961B73FD: "AWS::KMS::Key",
  NetworkVpc7FB7348F: "AWS::EC2::VPC",
  NetworkVpcimportSubnet1SubnetAEBABED5: "AWS::EC2::Subnet",
  NetworkVpcimportSubnet2Subnet19591E53: "AWS::EC2::Subnet",
  SignOffPeopleE104DBF0: "AWS::Cognito::UserPool",
  TokenKeyD1D1A236: "AWS::SecretsManager::Secret",
};

describe.each([
  ["dev", byDefault],
  ["prod", ownProd],
])("what holds data in %s", (stage, settings) => {
  const resources = resourcesOf(settings);

  it("W13 is known by the name that it was deployed under", () => {
    const found = Object.entries(resources)
      .filter(([id, { Type }]) => holdsData.test(Type) || Type.endsWith("::Key") || id in named)
      .map(([id, { Type }]) => [id, Type]);
    expect(Object.fromEntries(found)).toEqual(named);
  });

  it("W13 outlives a replacement and a removal all the same, but for what dev makes anew", () => {
    const lost = Object.keys(named).filter((id) => {
      const policies = [resources[id]?.DeletionPolicy, resources[id]?.UpdateReplacePolicy];
      return !policies.every((each) => each === "Retain" || each === "Snapshot");
    });
    expect(lost).toEqual(
      stage === "prod"
        ? []
        : Object.keys(named).filter((id) => /^(?:Network|SignOff|TokenKey|.*Subnets)/u.test(id)),
    );
  });
});

describe("W13 a deployment with other settings", () => {
  const before = standsOf(resourcesOf(byDefault));
  const id = stillStands(undefined, before);
  const deployedWith = (changes: object) => () =>
    stillStands(id, standsOf(resourcesOf({ ...byDefault, ...changes } as SettingsInput)), before);

  it.each([
    [
      "database.name",
      { database: { ...byDefault.database, name: "other" } },
      /DBCluster\), as its DatabaseName would/u,
    ],
    [
      "network.cidr",
      { network: { kind: "new", cidr: "10.41.0.0/20" } },
      /\((?:AWS::EC2::VPC|AWS::EC2::Subnet)\), as its CidrBlock would/u,
    ],
  ])("is refused with another %s", (_, changes, says) => {
    expect(deployedWith(changes)).toThrow(says);
  });

  it.each([
    ["more room", { database: { ...byDefault.database, maximumCapacity: 16 } }],
    ["logs kept longer", { logDays: 365 }],
    ["another sender", { signOff: { ...byDefault.signOff, mailFrom: "other@example.com" } }],
  ])("goes on with %s", (_, changes) => {
    expect(deployedWith(changes)()).toBe(id);
  });

  it("has an id that CloudFormation takes: 1 KB at most", () => {
    expect(Buffer.byteLength(id)).toBeLessThan(1_000);
  });
});

describe("W13 the function that a deployment asks", () => {
  let formation: Server;
  let url: string;
  let answers: { Status: string; Reason: string; PhysicalResourceId: string }[] = [];
  beforeAll(async () => {
    formation = createServer((request, response) => {
      let body = "";
      request.on("data", (data) => (body += data));
      request.on("end", () => {
        answers.push(JSON.parse(body));
        response.end();
      });
    });
    await new Promise<void>((resolve) => formation.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(formation.address() as AddressInfo).port}/answer`;
  });
  afterAll(() => formation.close());

  const cluster = (DatabaseName: string) => ({
    type: "AWS::RDS::DBCluster",
    properties: { DatabaseName: JSON.stringify(DatabaseName) },
  });
  const bucket = { type: "AWS::S3::Bucket", properties: {} };

  async function ask(
    RequestType: string,
    now: Stands,
    before?: { id: string; were?: Stands },
  ): Promise<{ status: string; says: string; id: string }> {
    answers = [];
    await handler({
      RequestType,
      ResponseURL: url,
      StackId: "stack",
      RequestId: "request",
      LogicalResourceId: "NothingIsReplaced",
      ...(before ? { PhysicalResourceId: before.id } : {}),
      ResourceProperties: { ServiceToken: "…", Stands: now },
      ...(before?.were
        ? { OldResourceProperties: { ServiceToken: "…", Stands: before.were } }
        : {}),
    });
    const [{ Status, Reason, PhysicalResourceId } = fail()] = answers;
    return { status: Status, says: Reason, id: PhysicalResourceId };
  }

  it("refuses a replacement by its name, and lets the deployment be taken back behind it", async () => {
    const were = { Cluster: cluster("platform") };
    const { status, id } = await ask("Create", were);
    expect(status).toBe("SUCCESS");
    expect(await ask("Update", were, { id, were })).toMatchObject({ status: "SUCCESS", id });
    const other = { Cluster: cluster("other") };
    expect(await ask("Update", other, { id, were })).toEqual({
      status: "FAILED",
      says: "WouldReplace: CloudFormation would put a new, empty resource in the place of Cluster (AWS::RDS::DBCluster), as its DatabaseName would be another. Nothing was replaced; put the settings back as they were deployed, or deploy beside it under another name.",
      id,
    });
    expect(await ask("Update", were, { id, were: other })).toMatchObject({ status: "SUCCESS", id });
  });

  it("knows what came since, what a deployment that was taken back had, and what went", async () => {
    const were = { Cluster: cluster("platform") };
    const more = { ...were, Bucket: bucket };
    const { id } = await ask("Create", were);
    const grown = await ask("Update", more, { id, were });
    expect(grown.status).toBe("SUCCESS");
    // Taken back for another reason, then tried again.
    const back = await ask("Update", were, { id: grown.id, were: more });
    expect(back).toMatchObject({ status: "SUCCESS", id: grown.id });
    const gone = await ask("Update", { Bucket: bucket }, { id: back.id, were });
    expect(gone.status).toBe("SUCCESS");
    const again = await ask("Update", { Cluster: cluster("other") }, { id: gone.id });
    expect([again.status, again.says.split(":")[0]]).toEqual(["FAILED", "WouldReplace"]);
  });

  it("lets the stack go, and what it became of another id", async () => {
    expect(await ask("Delete", {}, { id: "stands-" })).toMatchObject({ status: "SUCCESS" });
  });
});

function fail(): never {
  throw new Error("CloudFormation was told nothing.");
}
