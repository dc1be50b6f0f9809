import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  openIdentities,
  type Person,
  type SignedRequest,
} from "../../../lib/embedded/identity/identities.ts";
import { temporaryDirectory } from "./fixtures.ts";

const NOW = new Date("2030-01-15T12:00:00Z");

/** Identities with one person, and a server that keeps the requests the SDK really sends. */
async function prepare(now = () => NOW) {
  const identities = await openIdentities(await temporaryDirectory(), { now });
  const person = await identities.add({
    name: "Salima",
    email: "s@example.com",
    password: "long enough",
  });
  const seen: SignedRequest[] = [];
  const server = createServer(async (message, response) => {
    const pieces = [];
    for await (const piece of message) pieces.push(piece);
    const { method = "", url = "", headers } = message;
    seen.push({ method, path: url, headers, body: Buffer.concat(pieces) });
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = (
    keys: Pick<Person, "accessKeyId" | "secretAccessKey"> = person,
    signedAt = NOW,
  ) => ({
    endpoint,
    region: "eu-west-1",
    credentials: keys,
    maxAttempts: 1,
    systemClockOffset: signedAt.getTime() - Date.now(),
  });
  const last = () => seen.at(-1) as SignedRequest;
  return { identities, person, config, last };
}

describe("requests signed in headers", () => {
  it("knows who signed, for services that escape the path and for S3 that does not", async () => {
    const { identities, config, last } = await prepare();
    await new SFNClient(config()).send(new ListStateMachinesCommand({}));
    expect(await identities.authenticate({ ...last(), service: "states" })).toBe("Salima");
    await new SESv2Client(config()).send(
      new SendEmailCommand({ Content: { Raw: { Data: Buffer.from("é") } } }),
    );
    expect(await identities.authenticate({ ...last(), service: "ses" })).toBe("Salima");
    const s3 = new S3Client({ ...config(), forcePathStyle: true });
    const Key = "a b/../é+&=?#%41/\u{1f600}//";
    await s3.send(
      new PutObjectCommand({ Bucket: "b", Key, Body: "body", Metadata: { who: "x  y" } }),
    );
    expect(await identities.authenticate({ ...last(), service: "s3" })).toBe("Salima");
    expect(await identities.authenticate({ ...last(), body: undefined })).toBe("Salima");
  });

  it("knows the service identity", async () => {
    const { identities, config, last } = await prepare();
    await new SFNClient(config(await identities.service())).send(new ListStateMachinesCommand({}));
    expect(await identities.authenticate(last())).toBe("wavegate-functions");
  });

  it("refuses unknown keys and wrong secrets by the names of each service", async () => {
    const { identities, person, config, last } = await prepare();
    const unknown = { accessKeyId: "WAVEUNKNOWN", secretAccessKey: "x" };
    const wrong = { accessKeyId: person.accessKeyId, secretAccessKey: "wrong" };
    const states = (keys: typeof wrong) =>
      new SFNClient(config(keys)).send(new ListStateMachinesCommand({}));
    const s3 = (keys: typeof wrong) =>
      new S3Client({ ...config(keys), forcePathStyle: true }).send(
        new PutObjectCommand({ Bucket: "b", Key: "k", Body: "x" }),
      );
    const refusal = async () =>
      identities
        .authenticate(last())
        .catch((error: { name: string; status: number }) => [error.name, error.status]);
    await states(unknown);
    expect(await refusal()).toEqual(["UnrecognizedClientException", 403]);
    await states(wrong);
    expect(await refusal()).toEqual(["InvalidSignatureException", 403]);
    await s3(unknown);
    expect(await refusal()).toEqual(["InvalidAccessKeyId", 403]);
    await s3(wrong);
    expect(await refusal()).toEqual(["SignatureDoesNotMatch", 403]);
  });

  it("refuses a request when anything signed was changed on its way", async () => {
    const { identities, config, last } = await prepare();
    await new SFNClient(config()).send(new ListStateMachinesCommand({ maxResults: 5 }));
    const good = last();
    const changed: SignedRequest[] = [
      { ...good, method: "PUT" },
      { ...good, path: "/other" },
      { ...good, path: "/?a=1" },
      { ...good, body: Buffer.from('{"maxResults":6}') },
      {
        ...good,
        headers: { ...good.headers, "x-amz-target": "AWSStepFunctions.DeleteStateMachine" },
      },
      { ...good, headers: { ...good.headers, host: "elsewhere" } },
    ];
    for (const request of changed) {
      await expect(identities.authenticate(request)).rejects.toMatchObject({
        name: "InvalidSignatureException",
      });
    }
    await expect(
      identities.authenticate({
        ...good,
        headers: { ...good.headers, "x-amz-acl": "public-read" },
      }),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(identities.authenticate({ ...good, service: "s3" })).rejects.toMatchObject({
      name: "IncompleteSignature",
    });
  });

  it("refuses a body that is not the one hashed in x-amz-content-sha256", async () => {
    const { identities, config, last } = await prepare();
    const s3 = new S3Client({ ...config(), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "body" }));
    await expect(
      identities.authenticate({ ...last(), body: Buffer.from("BODY") }),
    ).rejects.toMatchObject({ name: "XAmzContentSHA256Mismatch" });
  });

  it("refuses requests signed more than 15 minutes away from now", async () => {
    const { identities, config, last } = await prepare();
    const signedAt = async (time: string) => {
      await new SFNClient(config(undefined, new Date(time))).send(new ListStateMachinesCommand({}));
      return identities.authenticate(last());
    };
    expect(await signedAt("2030-01-15T11:45:30Z")).toBe("Salima");
    expect(await signedAt("2030-01-15T12:14:30Z")).toBe("Salima");
    await expect(signedAt("2030-01-15T11:44:30Z")).rejects.toMatchObject({
      name: "RequestTimeTooSkewed",
    });
    await expect(signedAt("2030-01-15T12:15:30Z")).rejects.toMatchObject({
      name: "RequestTimeTooSkewed",
    });
  });

  it("refuses unsigned requests and Authorization headers that make no sense", async () => {
    const { identities } = await prepare();
    const bare = { method: "GET", path: "/", headers: { host: "h" }, body: undefined };
    await expect(identities.authenticate(bare)).rejects.toMatchObject({
      name: "MissingAuthenticationToken",
    });
    const nonsense = [
      "Basic c2FsaW1hOng=",
      "AWS4-HMAC-SHA256 ",
      "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00",
      `AWS4-HMAC-SHA256 Credential=a/20300115/r/s3/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
    ];
    for (const authorization of nonsense) {
      await expect(
        identities.authenticate({ ...bare, headers: { host: "h", authorization } }),
      ).rejects.toMatchObject({ name: "IncompleteSignature", status: 400 });
    }
  });
});

describe("presigned requests", () => {
  it("are good until they expire, and only as they were signed", async () => {
    let now = NOW;
    const { identities, config } = await prepare(() => now);
    const s3 = new S3Client({ ...config(), forcePathStyle: true });
    const command = new GetObjectCommand({
      Bucket: "b",
      Key: "a b/é.csv",
      ResponseContentDisposition: 'attachment; filename="a b.csv"',
    });
    const url = new URL(await getSignedUrl(s3, command, { expiresIn: 60, signingDate: NOW }));
    const request = (path: string): SignedRequest => ({
      method: "GET",
      path,
      headers: { host: url.host },
      body: undefined,
    });
    const path = `${url.pathname}${url.search}`;
    expect(await identities.authenticate(request(path))).toBe("Salima");
    for (const other of [path.replace("/a", "/b"), path.replace("Expires=60", "Expires=61")]) {
      await expect(identities.authenticate(request(other))).rejects.toMatchObject({
        name: "SignatureDoesNotMatch",
      });
    }
    await expect(
      identities.authenticate({ ...request(path), method: "DELETE" }),
    ).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    now = new Date("2030-01-15T12:01:01Z");
    await expect(identities.authenticate(request(path))).rejects.toMatchObject({
      name: "AccessDenied",
      message: "Request has expired.",
    });
  });
});
