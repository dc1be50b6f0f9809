import { createPublicKey, verify } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DescribeKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  type SignCommandInput,
} from "@aws-sdk/client-kms";
import { describe, expect, it, onTestFinished } from "vitest";
import { ADMINISTRATOR, openIdentities } from "../../../lib/embedded/identity/identities.ts";
import { startKmsService } from "../../../lib/embedded/kms/service.ts";
import { allowedBy, functionCaller } from "../../../lib/embedded/runtime/allowed.ts";
import { temporaryDirectory } from "../identity/fixtures.ts";

const keyArn = "arn:aws:kms:us-east-1:000000000000:key/test";
const product = join(import.meta.dirname, "../../..");

async function start(folder?: string) {
  const home = folder ?? (await temporaryDirectory());
  const file = join(home, "signing-key.pem");
  const identities = await openIdentities(join(home, "people"));
  const allowed = await allowedBy(product);
  const service = await startKmsService({
    file,
    keyArn,
    authenticate: identities.authenticate,
    authorize: (caller, operation) => allowed.require(caller, "kms", operation),
  });
  const clients: KMSClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.destroy();
    await service.close();
  });
  const as = (credentials: { accessKeyId: string; secretAccessKey: string }) => {
    const client = new KMSClient({
      endpoint: service.url,
      region: "us-east-1",
      maxAttempts: 1,
      credentials,
    });
    clients.push(client);
    return client;
  };
  const caller = async (name: string) => as(await identities.callerKeys(name));
  return { home, file, identities, as, caller };
}

const text = Buffer.from("what is signed\n");
const toSign = (more: Partial<SignCommandInput> = {}) =>
  new SignCommand({
    KeyId: keyArn,
    Message: text,
    MessageType: "RAW",
    SigningAlgorithm: "ECDSA_SHA_256",
    ...more,
  });
const publicKey = () => new GetPublicKeyCommand({ KeyId: keyArn });

describe("the key that signs bundles, on one machine", () => {
  it("B11 W12 signs for functions that export, and its public half verifies it", async () => {
    const { caller } = await start();
    for (const name of ["export-audit", "export-review", "halted"]) {
      const kms = await caller(functionCaller(name));
      const { Signature, KeyId, SigningAlgorithm } = await kms.send(toSign());
      expect({ KeyId, SigningAlgorithm }).toEqual({
        KeyId: keyArn,
        SigningAlgorithm: "ECDSA_SHA_256",
      });
      const { PublicKey, KeySpec, KeyUsage } = await kms.send(publicKey());
      expect({ KeySpec, KeyUsage }).toEqual({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
      const key = createPublicKey({
        key: Buffer.from(PublicKey ?? []),
        format: "der",
        type: "spki",
      });
      expect(verify("sha256", text, key, Buffer.from(Signature ?? []))).toBe(true);
      expect(verify("sha256", Buffer.from("other"), key, Buffer.from(Signature ?? []))).toBe(false);
    }
  });

  it.each(["commit", "sign-off", "console", "start-execution", "unheard-of"])(
    "W8 W12 does not sign for the function %s",
    async (name) => {
      const { caller } = await start();
      const kms = await caller(functionCaller(name));
      await expect(kms.send(toSign())).rejects.toMatchObject({ name: "AccessDeniedException" });
      await expect(kms.send(publicKey())).rejects.toMatchObject({ name: "AccessDeniedException" });
    },
  );

  it("W8 W12 gives people its public half, and signs for nobody", async () => {
    const { identities, as, caller, file } = await start();
    const karima = as(await identities.add({ name: "karima", email: "k@example.com" }));
    await expect(karima.send(toSign())).rejects.toMatchObject({ name: "AccessDeniedException" });
    // What is refused makes no key either.
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
    expect((await karima.send(publicKey())).PublicKey).toHaveLength(91);
    for (const other of [as(await identities.service()), await caller(ADMINISTRATOR)]) {
      await expect(other.send(toSign())).rejects.toMatchObject({ name: "AccessDeniedException" });
    }
  });

  it("W8 W12 takes no request that is not signed by its caller", async () => {
    const { identities, as, file } = await start();
    const { accessKeyId } = await identities.callerKeys(functionCaller("export-audit"));
    const guessed = as({ accessKeyId, secretAccessKey: "guessed" });
    await expect(guessed.send(toSign())).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
    const stranger = as({ accessKeyId: "AKIASTRANGER", secretAccessKey: "x" });
    await expect(stranger.send(toSign())).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("B11 is made once, readable by its owner alone, and the same after the next start", async () => {
    const { home, caller, file } = await start();
    const kms = await caller(functionCaller("export-audit"));
    const [one, two] = await Promise.all([kms.send(publicKey()), kms.send(publicKey())]);
    expect(one.PublicKey).toEqual(two.PublicKey);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const again = await (await start(home)).caller(functionCaller("export-audit"));
    expect((await again.send(publicKey())).PublicKey).toEqual(one.PublicKey);
  });

  it("B11 is never made anew over one that cannot be read", async () => {
    const { caller, file } = await start();
    await writeFile(file, "damaged");
    const kms = await caller(functionCaller("export-audit"));
    await expect(kms.send(toSign())).rejects.toMatchObject({
      name: "KMSInternalException",
      message: "The key cannot be used. Nothing was signed.",
    });
    expect(await readFile(file, "utf8")).toBe("damaged");
  });

  it("refuses what the one key does not do, by KMS's names", async () => {
    const { caller } = await start();
    const kms = await caller(functionCaller("export-audit"));
    const refused = (more: Partial<SignCommandInput>) =>
      kms.send(toSign(more)).catch(({ name }: Error) => name);
    expect(await refused({ KeyId: `${keyArn}2` })).toBe("NotFoundException");
    expect(await refused({ KeyId: keyArn.replace("us-east-1", "eu-west-3") })).toBe(
      "NotFoundException",
    );
    expect(await refused({ MessageType: "DIGEST" })).toBe("ValidationException");
    expect(await refused({ SigningAlgorithm: "ECDSA_SHA_384" })).toBe("ValidationException");
    expect(await refused({ Message: Buffer.alloc(0) })).toBe("ValidationException");
    expect(await refused({ Message: Buffer.alloc(4097) })).toBe("ValidationException");
    expect(await refused({ Message: Buffer.alloc(64 * 1024) })).toBe("ValidationException");
    await expect(kms.send(new DescribeKeyCommand({ KeyId: keyArn }))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});
