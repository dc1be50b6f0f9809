/**
 * Signature Version 4 from the server's side: take the request apart, sign it again with the secret
 * key that belongs to it, and compare. Signing is the SDK's own code.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Claim, SignedRequest } from "./claim.ts";
import { readClaim } from "./claim.ts";
import { RequestRefused, unknownAccessKey, wrongSignature } from "./refusals.ts";
import { NodeSha256 } from "./sha256.ts";

const ALLOWED_SKEW_MS = 15 * 60 * 1000;
/** Neither carries meaning for the service, and SDKs leave them out. */
const MAY_STAY_UNSIGNED = new Set(["x-amz-user-agent", "x-amz-content-sha256"]);

/** What a verified request is signed with. */
export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Verifies header and presigned signatures and returns the key pair's owner.
 * Errors: {@link RequestRefused} with AWS's names.
 */
export async function verifySignature<Owner extends KeyPair>(
  request: SignedRequest,
  ownerOf: (accessKeyId: string) => Promise<Owner | undefined>,
  now: Date,
): Promise<Owner> {
  const claim = readClaim(request);
  if (request.service !== undefined && claim.service !== request.service) {
    throw new RequestRefused(
      "IncompleteSignature",
      `The credential is scoped to the service ${JSON.stringify(claim.service)}, not to ${request.service}.`,
    );
  }
  const owner = await ownerOf(claim.accessKeyId);
  if (owner === undefined) throw unknownAccessKey(claim.service);
  checkTime(claim, now);
  checkCoverage(request, claim);
  const expected = Buffer.from(await signAgain(request, claim, owner));
  const given = Buffer.from(claim.signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw wrongSignature(claim.service);
  }
  checkBody(request, claim);
  return owner;
}

function checkTime(claim: Claim, now: Date): void {
  const age = now.getTime() - claim.signedAt.getTime();
  if (claim.expiresInSeconds === undefined) {
    if (Math.abs(age) <= ALLOWED_SKEW_MS) return;
    throw new RequestRefused(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large. Nothing was done; check the clock.",
    );
  }
  if (age < -ALLOWED_SKEW_MS) {
    throw new RequestRefused("AccessDenied", "Request is not valid yet.");
  }
  if (age > claim.expiresInSeconds * 1000) {
    throw new RequestRefused("AccessDenied", "Request has expired.");
  }
}

/** A header that decides something must be under the signature, or anybody on the way may add it. */
function checkCoverage(request: SignedRequest, claim: Claim): void {
  if (!claim.signedHeaders.has("host")) {
    throw new RequestRefused("IncompleteSignature", "The host header must be signed.");
  }
  const unsigned = Object.keys(request.headers).filter(
    (name) =>
      name.startsWith("x-amz-") && !claim.signedHeaders.has(name) && !MAY_STAY_UNSIGNED.has(name),
  );
  if (unsigned.length > 0) {
    throw new RequestRefused(
      "AccessDenied",
      `There were headers present in the request which were not signed: ${unsigned.join(", ")}.`,
    );
  }
}

async function signAgain(request: SignedRequest, claim: Claim, keys: KeyPair): Promise<string> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey },
    region: claim.region,
    service: claim.service,
    sha256: NodeSha256,
    applyChecksum: false,
    uriEscapePath: claim.service !== "s3",
  });
  const headers: Record<string, string> = {};
  for (const name of claim.signedHeaders) {
    const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    if (value === undefined) throw wrongSignature(claim.service);
    headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  if (claim.payloadHash !== undefined) headers["x-amz-content-sha256"] = claim.payloadHash;
  const unsigned = claim.signedHeaders.has("x-amz-content-sha256")
    ? new Set<string>()
    : new Set(["x-amz-content-sha256"]);
  const again = {
    method: request.method,
    protocol: "http:",
    hostname: "",
    path: claim.path,
    query: claim.query,
    headers,
    body: request.body,
  };
  const common = {
    signingDate: claim.signedAt,
    signableHeaders: claim.signedHeaders,
    unsignableHeaders: unsigned,
  };
  if (claim.expiresInSeconds === undefined) {
    const signed = await signer.sign(again, common);
    return /Signature=([0-9a-f]+)$/.exec(signed.headers.authorization ?? "")?.[1] ?? "";
  }
  const signed = await signer.presign(again, {
    ...common,
    expiresIn: claim.expiresInSeconds,
    unhoistableHeaders: new Set([...claim.signedHeaders, "x-amz-content-sha256"]),
  });
  return String(signed.query?.["X-Amz-Signature"] ?? "");
}

function checkBody(request: SignedRequest, claim: Claim): void {
  const declared = request.headers["x-amz-content-sha256"];
  if (request.body === undefined || typeof declared !== "string") return;
  if (!/^[0-9a-f]{64}$/i.test(declared)) return;
  const actual = createHash("sha256").update(request.body).digest("hex");
  if (actual === declared.toLowerCase()) return;
  if (claim.service !== "s3") throw wrongSignature(claim.service);
  throw new RequestRefused(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}
