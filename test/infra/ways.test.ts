import { expect, it } from "vitest";
import { flat } from "../../lib/infra/template.ts";
import { deployment, ofType } from "./templates.ts";

it("D19 W14 the ways to services let through what functions read there, and nobody's but this account's: nothing is put into somebody else's bucket or secret", () => {
  const ways = ofType(deployment("prod"), "AWS::EC2::VPCEndpoint").map(([, { Properties }]) => [
    flat(Properties.ServiceName).split(".").at(-1),
    (Properties.PolicyDocument as { Statement: unknown } | undefined)?.Statement,
  ]);
  const lets = (Action: unknown) => [
    {
      ...{ Effect: "Allow", Principal: { AWS: "*" }, Action, Resource: "*" },
      Condition: { StringEquals: { "aws:PrincipalAccount": "111122223333" } },
    },
  ];
  expect(Object.fromEntries(ways)).toEqual({
    // Of these nobody says that they take a policy.
    cloudtrail: undefined,
    "rds-data": undefined,
    s3: lets(["s3:GetObject", "s3:ListBucket"]),
    secretsmanager: lets("secretsmanager:GetSecretValue"),
  });
});
