import { expect, it } from "vitest";
import { verifySignature } from "../../../lib/embedded/identity/signature.ts";

/** The key pair, requests and signatures printed in Amazon's own description of Signature V4 for S3. */
const owner = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const now = new Date("2013-05-24T00:00:00Z");
const host = "examplebucket.s3.amazonaws.com";
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const headerExample = (signature: string) => ({
  method: "GET",
  path: "/test.txt",
  headers: {
    host,
    range: "bytes=0-9",
    "x-amz-content-sha256": emptyHash,
    "x-amz-date": "20130524T000000Z",
    authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=${signature}`,
  },
  body: undefined,
});
const presignedExample = (signature: string) => ({
  method: "GET",
  path: `/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`,
  headers: { host },
  body: undefined,
});

it("accepts the signatures that Amazon published, and no others", async () => {
  const verify = (request: ReturnType<typeof presignedExample>) =>
    verifySignature(request, async () => owner, now);
  const inHeader = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
  const inQuery = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  expect(await verify(headerExample(inHeader))).toBe(owner);
  expect(await verify(presignedExample(inQuery))).toBe(owner);
  const refusal = { name: "SignatureDoesNotMatch" };
  await expect(verify(headerExample(inQuery))).rejects.toMatchObject(refusal);
  await expect(verify(presignedExample(inHeader))).rejects.toMatchObject(refusal);
});
