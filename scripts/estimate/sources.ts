import type { PRICES } from "./prices.ts";

/** Where each price is from. They were noted on the table's date and are not live: look before you rely on one. */
export const priceSources = {
  dataApiUnit:
    "aws.amazon.com/rds/aurora/pricing, “Data API”: 0.35 USD a million requests, each begun 32 KB counts (noted from a secondary source)",
  stateTransition:
    "aws.amazon.com/step-functions/pricing, standard workflows: 0.025 USD a thousand; 4,000 a month are free",
  lambdaGbSecond: "aws.amazon.com/lambda/pricing, Arm, first tier",
  lambdaRequest: "aws.amazon.com/lambda/pricing: 0.20 USD a million requests",
  objectRequest: "aws.amazon.com/s3/pricing, Standard: PUT, COPY, POST, LIST",
} as const satisfies Readonly<Record<Exclude<keyof typeof PRICES, "asOf" | "region">, string>>;

/** What a deployment costs a month while nothing runs, USD. */
export const standingPrices = [
  { what: "3 keys of KMS", usd: 3, from: "aws.amazon.com/kms/pricing: 1 USD a key" },
  {
    what: "6 secrets",
    usd: 2.4,
    from: "aws.amazon.com/secrets-manager/pricing: 0.40 USD a secret",
  },
  {
    what: "3 interface endpoints in 2 zones (with files a fourth: 14.6 more)",
    usd: 43.8,
    from: "aws.amazon.com/privatelink/pricing: 0.01 USD an hour and zone; none with network.endpoints: false",
  },
  {
    what: "16 alarms, 1 dashboard",
    usd: 4.6,
    from: "aws.amazon.com/cloudwatch/pricing: 0.10 USD an alarm, 3 USD a dashboard",
  },
] as const;
