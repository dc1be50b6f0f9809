import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { describeFailure } from "../../lib/cli/failure.ts";
import { signOut } from "../../lib/cli/verbs/sign-out.ts";

let pages: Server;
let site: string;
let asked: unknown[] = [];
let answer: { status: number; body: string };
beforeAll(async () => {
  pages = createServer(({ method, url, headers }, response) => {
    asked.push([method, url, headers.authorization]);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  site = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
});
afterAll(() => pages.close());
beforeEach(() => {
  asked = [];
  answer = { status: 200, body: '{"signedOut":true}' };
});

const given = [
  ...["CLUSTER_ARN", "DATABASE", "OPERATOR_SECRET_ARN", "EVIDENCE_BUCKET", "USER_POOL_ID"],
  ...["MIGRATION_MACHINE_ARN", "WAVE_MACHINE_ARN", "ROLLBACK_MACHINE_ARN"],
].map((name) => [`WAVEGATE_${name}`, "given"]);

/** `wavegate sign-out` in a shell with this token. */
async function leaving(token: string | undefined, at = site) {
  let said = "";
  const env = {
    WAVEGATE_ENV: "elsewhere",
    AWS_REGION: "eu-west-3",
    ...Object.fromEntries(given),
    WAVEGATE_SIGN_OFF_URL: at,
    WAVEGATE_SIGN_IN_PAGES: "https://people.example/",
    WAVEGATE_USER_POOL_CLIENT_ID: "client",
    ...(token === undefined ? {} : { WAVEGATE_TOKEN: token }),
  };
  const io = { env, err: (text: string) => (said += text) };
  const frame = { io, output: "text", say: () => {} } as unknown as Parameters<typeof signOut>[0];
  const { text, failure } = await signOut(frame).then(
    ({ text }) => ({ text, failure: undefined }),
    (error) => ({ text: undefined, failure: describeFailure(error) }),
  );
  return { text, said, name: failure?.name, exit: failure?.exit, message: failure?.message };
}

it("W8 wavegate sign-out ends the sign-in where tokens are asked for, and has the shell forget it", async () => {
  const { text, said } = await leaving("a.b.c");
  expect(asked).toEqual([["POST", "/sign-out", "Bearer a.b.c"]]);
  expect(text).toEqual(["unset WAVEGATE_TOKEN"]);
  expect(said).toContain("no copy of this token opens anything");
  expect(said).toContain(
    `https://people.example/logout?client_id=client&logout_uri=${encodeURIComponent(`${site}/signed-out`)}`,
  );
  expect(said).not.toContain("a.b.c");
});

it("a token whose time is over is forgotten as well", async () => {
  answer = { status: 401, body: '{"error":"NotSignedIn","message":"…"}' };
  const { text, said } = await leaving("a.b.c");
  expect([text, said.split("\n")[0]]).toEqual([
    ["unset WAVEGATE_TOKEN"],
    "The token of this shell opened nothing any more.",
  ]);
});

it.each([
  [503, '{"error":"SignOutFailed","message":"…"}', "could not reach their database"],
  [500, "<p>oops</p>", "answered 500"],
  [302, "", "answered 302"],
  [200, "<p>a page</p>", "answered 200"],
  [401, '{"message":"Unauthorized"}', "answered 401"],
])("W8 nobody is told to be signed out by the answer %i %s", async (status, body, why) => {
  answer = { status, body };
  const { text, said, name, exit, message } = await leaving("a.b.c");
  expect([text, said, name, exit]).toEqual([undefined, "", "SignOutFailed", 1]);
  expect(message).toBe(
    `The sign-off pages ${why}. The sign-in may not be over, and its token is good until its hour is; run it again in half a minute.`,
  );
});

it("says so where nobody listens, and where nobody is signed in", async () => {
  const nowhere = await leaving("a.b.c", "http://127.0.0.1:9");
  expect([nowhere.text, nowhere.name]).toEqual([undefined, "SignOutFailed"]);
  const none = await leaving(undefined);
  expect([none.text, none.name, asked]).toEqual([undefined, "NotSignedIn", []]);
});
