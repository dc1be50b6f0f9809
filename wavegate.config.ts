import { settings } from "./lib/infra/settings.ts";

/**
 * Settings of a deployment: an example for trials, with a database of its own. Copy it, change what
 * stands between quotes, and deploy with `npx cdk deploy -c settings=FILE`; without `-c` this file
 * counts. docs/deploy.md explains each setting, and a wrong one is named before anything is made.
 */
export default settings({
  name: "wavegate",
  region: "eu-west-3",
  stage: "dev",
  migrations: ["ecoin"],
  database: { kind: "new", name: "platform" },
  network: { kind: "new", cidr: "10.40.0.0/20" },
  legacy: {
    secretArn: "arn:aws:secretsmanager:eu-west-3:111122223333:secret:legacy/ecoin-AbCdEf",
    reach: { cidr: "10.20.0.0/16" },
    port: 3306,
  },
  signOff: {
    mailFrom: "wavegate@example.com",
    signIn: { kind: "user pool" },
    domainPrefix: "wavegate-example",
  },
  alarms: { mail: "on-call@example.com" },
});
