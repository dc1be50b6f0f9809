import { type CfnResource, Fn, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import {
  FlowLogDestination,
  FlowLogTrafficType,
  VpcEndpointPrivateDnsOnlyForInboundResolverEndpoint as InboundOnly,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { AnyPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { output } from "./database.ts";
import type { Settings } from "./settings.ts";

interface Within {
  readonly id: string;
  /** How the SDK's settings call it. */
  readonly calls: string;
  readonly service: InterfaceVpcEndpointAwsService;
  /** What a policy of its own lets through. */
  readonly lets?: readonly string[];
}

/**
 * The AWS services that functions inside the network call; they have no other way out. A way lets nothing through but
 * what they do there, and nobody but this account's: with credentials of another one it would be a way out for what they
 * read. Nowhere is it said that rds-data's takes a policy.
 */
const servicesWithin = {
  "rds-data": {
    id: "RdsData",
    calls: "RDS_DATA",
    service: InterfaceVpcEndpointAwsService.RDS_DATA,
  },
  secretsmanager: {
    id: "SecretsManager",
    calls: "SECRETS_MANAGER",
    service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    lets: ["secretsmanager:GetSecretValue"],
  },
  // The first state asks who started the run, and reaches the legacy database as well.
  cloudtrail: {
    id: "CloudTrail",
    calls: "CLOUDTRAIL",
    service: new InterfaceVpcEndpointAwsService("cloudtrail"),
  },
  // Where rows name files, whoever reads rows looks whether the files are there.
  s3: {
    id: "S3",
    calls: "S3",
    service: InterfaceVpcEndpointAwsService.S3,
    lets: ["s3:GetObject", "s3:ListBucket"],
  },
} as const satisfies Readonly<Record<string, Within>>;

type Service = keyof typeof servicesWithin;

/** The services that are called from inside a network with these settings. */
const calledWithin = ({ files }: Pick<Settings, "files">): readonly Service[] =>
  (Object.keys(servicesWithin) as Service[]).filter((each) => each !== "s3" || files !== undefined);

/** The endpoints that are made here. */
function endpointsOf(settings: Settings): readonly Service[] {
  const { network } = settings;
  const wanted = network.kind === "new" ? true : network.endpoints;
  if (typeof wanted === "boolean") return wanted ? calledWithin(settings) : [];
  return wanted;
}

interface Props {
  readonly settings: Settings;
  readonly logKey: IKey;
}

/**
 * Where the functions that read the legacy database stand: they reach its port and the services
 * of AWS that they call, and nothing else; nothing reaches them.
 */
export class ImportNetwork extends Construct {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly securityGroup: ISecurityGroup;
  /** What tells the SDK of functions inside where those ways are that bear no names of the services. */
  readonly addresses: Record<string, string> = {};

  constructor(scope: Construct, id: string, { settings, logKey }: Props) {
    super(scope, id);
    const { network, legacy } = settings;
    if (network.kind === "new") {
      this.vpc = this.makeVpc(network.cidr, settings, logKey);
      // A database of ours that stays when the stack goes stands in it still, and nothing goes from under it.
      if (settings.stage === "prod" && settings.database.kind === "new") keepNetwork(this.vpc);
    } else {
      this.vpc = Vpc.fromVpcAttributes(this, "Vpc", {
        vpcId: network.vpcId,
        vpcCidrBlock: network.cidr,
        availabilityZones: network.availabilityZones,
        isolatedSubnetIds: network.subnetIds,
      });
      for (const subnet of this.vpc.isolatedSubnets) {
        Validations.of(subnet).acknowledge({
          id: "Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId",
          reason: "Nothing here touches the route tables of a network that is given.",
        });
      }
    }
    this.subnets = this.vpc.isolatedSubnets;
    this.securityGroup = new SecurityGroup(this, "Importers", {
      vpc: this.vpc,
      description: "Functions that read the legacy database",
      allowAllOutbound: false,
    });
    const legacyPeer =
      "cidr" in legacy.reach
        ? Peer.ipv4(legacy.reach.cidr)
        : Peer.securityGroupId(legacy.reach.securityGroupId);
    this.securityGroup.addEgressRule(legacyPeer, Port.tcp(legacy.port), "the legacy database");
    output(this, "ImportersSecurityGroupId", this.securityGroup.securityGroupId);
    const made = endpointsOf(settings);
    if (made.length > 0) this.makeEndpoints(made, network.kind === "new");
    if (
      network.kind === "existing" &&
      !calledWithin(settings).every((each) => made.includes(each))
    ) {
      const at = network.servicesAt ?? network.cidr;
      this.securityGroup.addEgressRule(
        at === "nat" ? Peer.anyIpv4() : Peer.ipv4(at),
        Port.tcp(443),
        "services of AWS that have no endpoint of ours",
      );
    }
  }

  private makeVpc(cidr: string, { logDays }: Settings, logKey: IKey): IVpc {
    const vpc = new Vpc(this, "Vpc", {
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: 2,
      natGateways: 0,
      // Nothing stands in the default group; emptying it would take a function of its own.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: "import", subnetType: SubnetType.PRIVATE_ISOLATED }],
    });
    vpc.addFlowLog("Flows", {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, "FlowLog", {
          retention: logDays,
          encryptionKey: logKey,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
      trafficType: FlowLogTrafficType.ALL,
    });
    return vpc;
  }

  /**
   * @param alone whether nobody else stands in the network. Where others do, no way bears the service's own name: theirs
   * would come to it as well, and it lets nobody in but these functions, and through nothing but what they do.
   */
  private makeEndpoints(made: readonly Service[], alone: boolean): void {
    const endpoints = new SecurityGroup(this, "Endpoints", {
      vpc: this.vpc,
      description: "Ways to services of AWS",
      allowAllOutbound: false,
    });
    endpoints.addIngressRule(this.securityGroup, Port.tcp(443), "functions that import");
    this.securityGroup.addEgressRule(endpoints, Port.tcp(443), "services of AWS");
    for (const each of made) {
      const { id, calls, service, lets = [] }: Within = servicesWithin[each];
      const way = new InterfaceVpcEndpoint(this, id, {
        vpc: this.vpc,
        service,
        subnets: { subnets: this.subnets.filter(firstOfItsZone) },
        securityGroups: [endpoints],
        // Otherwise the whole VPC's range would be let in.
        open: false,
        privateDnsEnabled: alone,
        // S3 alone would give its private names to resolvers of other networks only, and ask for a gateway beside it.
        ...(alone && each === "s3"
          ? { privateDnsOnlyForInboundResolverEndpoint: InboundOnly.ALL_RESOLVERS }
          : {}),
      });
      if (!alone) this.addresses[`AWS_ENDPOINT_URL_${calls}`] = addressOf(way, each);
      if (lets.length === 0) continue;
      way.addToPolicy(
        new PolicyStatement({
          principals: [new AnyPrincipal()],
          actions: [...lets],
          resources: ["*"],
          conditions: { StringEquals: { "aws:PrincipalAccount": Stack.of(this).account } },
        }),
      );
    }
  }
}

/**
 * The address of a way that bears no name of its service: the first of its names, which is the region's, written
 * `ZONE:vpce-…`, and of S3 `ZONE:*.vpce-…`, where `bucket` stands for the star.
 */
function addressOf(way: InterfaceVpcEndpoint, service: Service): string {
  const name = `vpce-${Fn.select(1, Fn.split("vpce-", Fn.select(0, way.vpcEndpointDnsEntries)))}`;
  return `https://${service === "s3" ? "bucket." : ""}${name}`;
}

/** A way stands in one subnet of a zone. */
const firstOfItsZone = (subnet: ISubnet, at: number, all: readonly ISubnet[]): boolean =>
  all.findIndex(({ availabilityZone }) => availabilityZone === subnet.availabilityZone) === at;

function keepNetwork(vpc: IVpc): void {
  for (const each of [vpc, ...vpc.isolatedSubnets])
    (each.node.defaultChild as CfnResource).applyRemovalPolicy(RemovalPolicy.RETAIN);
}
