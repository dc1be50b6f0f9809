import { createHash, createHmac } from "node:crypto";
import { expect, it } from "vitest";
import type { SignedRequest } from "../../../lib/embedded/identity/claim.ts";
import { verifySignature } from "../../../lib/embedded/identity/signature.ts";

const owner = { accessKeyId: "WAVEKEY", secretAccessKey: "secret" };
const now = new Date("2030-01-15T12:00:00Z");
const host = "127.0.0.1:9000";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();

interface Said {
  readonly day: string;
  readonly at: string;
  readonly signed: string;
  /** Of a presigned request, its expiry. */
  readonly expires: string;
  readonly end: string;
  readonly algorithm: string;
  readonly headers: Record<string, string>;
}
const usual: Said = {
  ...{ day: "20300115", at: "20300115T120000Z", signed: "host", expires: "60" },
  ...{ end: "aws4_request", algorithm: "AWS4-HMAC-SHA256", headers: { host } },
};

/** The signature of a request by the letter of what it says itself, right or wrong. */
function signatureOf(query: string, payload: string, said: Said): string {
  const names = said.signed.split(";");
  const lines = names.map((name) => `${name}:${said.headers[name] ?? ""}\n`).join("");
  const canonical = ["GET", "/b/k", query, lines, said.signed, payload].join("\n");
  const scope = `${said.day}/eu-west-1/s3/${said.end}`;
  const text = [said.algorithm, said.at, scope, sha256(canonical)].join("\n");
  const key = [said.day, "eu-west-1", "s3", said.end].reduce<string | Buffer>(
    hmac,
    `AWS4${owner.secretAccessKey}`,
  );
  return hmac(key, text).toString("hex");
}

const credentialOf = ({ day, end }: Said) => `${owner.accessKeyId}/${day}/eu-west-1/s3/${end}`;

function presigned(change: Partial<Said> = {}): SignedRequest {
  const said = { ...usual, ...change };
  const query = [
    `X-Amz-Algorithm=${said.algorithm}`,
    `X-Amz-Credential=${encodeURIComponent(credentialOf(said))}`,
    `X-Amz-Date=${said.at}`,
    `X-Amz-Expires=${encodeURIComponent(said.expires)}`,
    `X-Amz-SignedHeaders=${encodeURIComponent(said.signed)}`,
  ].join("&");
  const path = `/b/k?${query}&X-Amz-Signature=${signatureOf(query, "UNSIGNED-PAYLOAD", said)}`;
  return { method: "GET", path, headers: said.headers, body: undefined };
}

function inHeader(change: Partial<Said> = {}): SignedRequest {
  const of = { ...usual, ...change };
  const said = { ...of, headers: { ...of.headers, "x-amz-date": of.at } };
  const signed = [...new Set([...said.signed.split(";"), "x-amz-date"])].join(";");
  const signature = signatureOf("", sha256(""), { ...said, signed });
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentialOf(said)}, SignedHeaders=${signed}, Signature=${signature}`;
  return {
    method: "GET",
    path: "/b/k",
    headers: { ...said.headers, authorization },
    body: Buffer.alloc(0),
  };
}

const verdict = (request: SignedRequest) =>
  verifySignature(request, async () => owner, now).then(
    () => "accepted",
    (error: Error) => `${error.name}: ${error.message}`,
  );
/** Refused for what is said, before anything is signed again. */
const incomplete = (says: string) => `IncompleteSignature: ${says}. Nothing was done.`;
const wrong = expect.stringMatching(/^SignatureDoesNotMatch: /u);
const expiry = incomplete("X-Amz-Expires must be a whole number of seconds, at most a week");
const credential = incomplete("The credential must read KEY/DATE/REGION/SERVICE/aws4_request");
const date = incomplete("The credential's date must be that of X-Amz-Date");
const hostUnsigned = "IncompleteSignature: The host header must be signed.";
const algorithm = incomplete("Only AWS4-HMAC-SHA256 is understood");

/** What is said of itself and signed as said, presigned and in headers, and what becomes of it. */
const said: readonly (readonly [Partial<Said>, unknown, unknown?])[] = [
  [{}, "accepted", "accepted"],
  [{ expires: "604800" }, "accepted"],
  ...["604801", "-1", "1.5", "never"].map((expires) => [{ expires }, expiry] as const),
  [{ day: "20300114" }, date, date],
  [{ at: "20300115T126000Z" }, date, date],
  [{ end: "aws4_req" }, credential, credential],
  [{ end: "aws4_request/more" }, credential, credential],
  [{ signed: "range", headers: { host, range: "1" } }, hostUnsigned, hostUnsigned],
  [{ signed: "" }, incomplete("The signed headers must be listed")],
  // Names that are signed and not there, the language's own among them.
  [{ signed: "host;range" }, wrong, wrong],
  [{ signed: "constructor;host" }, wrong, wrong],
  [{ at: "20300115T121500Z" }, "accepted", "accepted"],
  [
    { at: "20300115T121501Z" },
    "AccessDenied: Request is not valid yet.",
    expect.stringMatching(/^RequestTimeTooSkewed: /u),
  ],
  [{ at: "20300115T115900Z" }, "accepted"],
  [{ at: "20300115T115859Z" }, "AccessDenied: Request has expired."],
  [{ algorithm: "AWS4-HMAC-SHA1" }, algorithm],
];

it("W8 a request is what it says it is, to the letter of its signature, or refused for what it says", async () => {
  for (const [change, query, header] of said) {
    expect([change, await verdict(presigned(change))]).toEqual([change, query]);
    if (header !== undefined)
      expect([change, await verdict(inHeader(change))]).toEqual([change, header]);
  }
});

it("W8 a request that is signed in two ways, or by something that is no signature, is refused", async () => {
  const { authorization = "" } = inHeader().headers;
  const twice = { ...presigned(), headers: { host, authorization } };
  expect(await verdict(twice)).toBe(
    "AccessDenied: Only one way of signing is allowed in a request.",
  );
  const of = presigned();
  const noSignature = incomplete("The signature is missing");
  for (const [path, says] of [
    [of.path.replace(/.$/u, ""), noSignature],
    [of.path.replace(/.$/u, "G"), noSignature],
    [`${of.path}&a=%E0`, incomplete("The query string is not valid percent-encoding")],
    [`${of.path}&x-amz-acl=public-read`, wrong],
  ] as const)
    expect(await verdict({ ...of, path })).toEqual(says);
});
