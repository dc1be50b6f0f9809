import { createPublicKey, verify } from "node:crypto";
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { GetPublicKeyCommand, SignCommand, type SignCommandInput } from "@aws-sdk/client-kms";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { SendEmailCommand } from "@aws-sdk/client-sesv2";
import type { Aws, Row } from "../row.ts";

const text = Buffer.from("what is signed");

const sign = ({ key }: Aws, more: Partial<SignCommandInput> = {}) =>
  key?.client.send(
    new SignCommand({
      KeyId: key.arn,
      Message: text,
      MessageType: "RAW",
      SigningAlgorithm: "ECDSA_SHA_256",
      ...more,
    }),
  );

const publicKey = ({ key }: Aws, KeyId = key?.arn) =>
  key?.client.send(new GetPublicKeyCommand({ KeyId }));

/** KMS: the key that bundles are signed with. */
const kms: readonly Row[] = [
  {
    asks: "GetPublicKey of the key of bundles",
    call: "GetPublicKey",
    known: "documented",
    ask: async (aws) => {
      const { KeySpec, KeyUsage, SigningAlgorithms } = (await publicKey(aws)) ?? {};
      return { KeySpec, KeyUsage, SigningAlgorithms };
    },
    answers: {
      KeySpec: "ECC_NIST_P256",
      KeyUsage: "SIGN_VERIFY",
      SigningAlgorithms: ["ECDSA_SHA_256"],
    },
  },
  {
    asks: "GetPublicKey of a key that is not there",
    call: "GetPublicKey",
    known: "documented",
    notForOperators: true,
    ask: (aws) => {
      const { region, account } = aws;
      const id = "00000000-0000-4000-8000-000000000000";
      return Promise.resolve(publicKey(aws, `arn:aws:kms:${region}:${account}:key/${id}`));
    },
    answers: "NotFoundException",
  },
  {
    asks: "Sign, and the public key verifies it",
    call: "Sign",
    known: "documented",
    notForOperators: true,
    ask: async (aws) => {
      const { Signature } = (await sign(aws)) ?? {};
      const { PublicKey } = (await publicKey(aws)) ?? {};
      const key = createPublicKey({
        key: Buffer.from(PublicKey ?? []),
        format: "der",
        type: "spki",
      });
      return verify("sha256", text, key, Buffer.from(Signature ?? []));
    },
    answers: true,
  },
  {
    asks: "Sign of 4,097 bytes",
    call: "Sign",
    known: "documented",
    notForOperators: true,
    ask: (aws) => Promise.resolve(sign(aws, { Message: Buffer.alloc(4097) })),
    answers: "ValidationException",
  },
];

/** Of CloudFormation and Secrets Manager there are no stand-ins: an account alone is asked. */
const alone: readonly Row[] = [
  {
    asks: "SendEmail to nobody",
    call: "SendEmail",
    known: "assumed",
    needs: "mail",
    notForOperators: true,
    ask: async ({ mail }) =>
      mail?.send(
        new SendEmailCommand({
          FromEmailAddress: "truth@example.com",
          Destination: { ToAddresses: [] },
          Content: { Simple: { Subject: { Data: "x" }, Body: { Text: { Data: "x" } } } },
        }),
      ),
    answers: "BadRequestException",
  },
  {
    asks: "DescribeStacks of a stack that is not there",
    call: "DescribeStacks",
    known: "documented",
    needs: "stacks",
    ask: async ({ stacks }) =>
      stacks
        ?.send(new DescribeStacksCommand({ StackName: "wavegate-there-is-none" }))
        .catch((error: Error) => [error.name, /does not exist/.test(error.message)]),
    answers: ["ValidationError", true],
  },
  {
    asks: "GetSecretValue of a secret that is not there",
    call: "GetSecretValue",
    known: "documented",
    needs: "secrets",
    notForOperators: true,
    ask: async ({ secrets }) =>
      secrets?.send(new GetSecretValueCommand({ SecretId: "wavegate/there-is-none" })),
    answers: "ResourceNotFoundException",
  },
];

export const others: readonly Row[] = [
  ...kms.map((row): Row => ({ ...row, needs: "key" })),
  ...alone,
];
