import { settings } from "../settings.ts";

/** The usual case for a rehearsal: the platform's own cluster, in a network that reaches the legacy one. */
export default settings({
  name: "wavegate-rehearsal",
  region: "eu-west-3",
  stage: "dev",
  migrations: ["ecoin"],
  database: {
    kind: "existing",
    clusterArn: "arn:aws:rds:eu-west-3:111122223333:cluster:platform",
    name: "platform",
    adminSecretArn: "arn:aws:secretsmanager:eu-west-3:111122223333:secret:platform/admin-AbCdEf",
  },
  network: {
    kind: "existing",
    vpcId: "vpc-0123456789abcdef0",
    cidr: "10.10.0.0/16",
    subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    availabilityZones: ["eu-west-3a", "eu-west-3b"],
  },
  legacy: {
    secretArn: "arn:aws:secretsmanager:eu-west-3:111122223333:secret:legacy/ecoin-AbCdEf",
    reach: { securityGroupId: "sg-0123456789abcdef0" },
  },
  signOff: { mailFrom: "wavegate@example.com", domainPrefix: "wavegate-rehearsal" },
  alarms: { mail: "on-call@example.com" },
});
