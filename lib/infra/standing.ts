import { CfnResource, CustomResource, Duration, Lazy, type Stack } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";

/** What holds data or what data stands in, and the properties whose change makes CloudFormation replace it. */
export const replacedBy: Readonly<Record<string, readonly string[]>> = {
  "AWS::RDS::DBCluster": [
    ...["AvailabilityZones", "ClusterScalabilityType", "DBClusterIdentifier", "DBSubnetGroupName"],
    ...[
      "DBSystemId",
      "DatabaseName",
      "Engine",
      "EngineMode",
      "GlobalClusterIdentifier",
      "KmsKeyId",
    ],
    ...[
      "MasterUsername",
      "PubliclyAccessible",
      "RestoreToTime",
      "RestoreType",
      "SnapshotIdentifier",
    ],
    ...[
      "SourceDBClusterIdentifier",
      "SourceDbClusterResourceId",
      "SourceRegion",
      "StorageEncrypted",
    ],
    ...["UseLatestRestorableTime", "WithExpressConfiguration"],
  ],
  "AWS::RDS::DBSubnetGroup": ["DBSubnetGroupName"],
  "AWS::EC2::VPC": [
    ...[
      "CidrBlock",
      "InstanceTenancy",
      "Ipv4IpamPoolId",
      "Ipv4NetmaskLength",
      "VpcEncryptionControl",
    ],
  ],
  "AWS::EC2::Subnet": [
    ...[
      "AvailabilityZone",
      "AvailabilityZoneId",
      "CidrBlock",
      "Ipv4IpamPoolId",
      "Ipv4NetmaskLength",
    ],
    ...[
      "Ipv6CidrBlock",
      "Ipv6IpamPoolId",
      "Ipv6Native",
      "Ipv6NetmaskLength",
      "OutpostArn",
      "VpcId",
    ],
  ],
  "AWS::S3::Bucket": ["BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"],
  "AWS::Cognito::UserPool": ["AliasAttributes", "UsernameAttributes", "UsernameConfiguration"],
};

/**
 * Has every deployment ask a function first whether something that holds data would be replaced by something empty; all of
 * it waits for the answer. The function itself may stand on none of it.
 */
export function refuseReplacement(stack: Stack, asks: IFunction): void {
  const stands = (): CfnResource[] =>
    stack.node
      .findAll()
      .filter(CfnResource.isCfnResource)
      .filter(({ cfnResourceType }) => cfnResourceType in replacedBy);
  const asked = new CustomResource(stack, "NothingIsReplaced", {
    serviceToken: asks.functionArn,
    resourceType: "Custom::WavegateStands",
    // Who does not answer is not waited for an hour: everything else waits for it.
    serviceTimeout: Duration.minutes(5),
    properties: {
      Stands: Lazy.any({
        produce: () =>
          Object.fromEntries(
            stands().map((each) => [stack.resolve(each.logicalId), describe(stack, each)]),
          ),
      }),
    },
  });
  for (const each of stands()) each.addResourceDependency(asked.node.defaultChild as CfnResource);
}

/** As texts: what is named in them is not asked for, as all of it waits for the answer. */
function describe(stack: Stack, resource: CfnResource): object {
  const type = resource.cfnResourceType;
  // biome-ignore lint/suspicious/noExplicitAny: what a resource is rendered as has no public type.
  const rendered = stack.resolve((resource as any)._toCloudFormation()).Resources as Record<
    string,
    { Properties?: Record<string, unknown> }
  >;
  const { Properties = {} } = Object.values(rendered)[0] ?? {};
  const properties = (replacedBy[type] ?? [])
    .filter((name) => Properties[name] !== undefined)
    .map((name) => [name, JSON.stringify(Properties[name])]);
  return { type, properties: Object.fromEntries(properties) };
}
