import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeFailure } from "../../lib/cli/failure.ts";
import { signInToPages } from "../../lib/cli/pages.ts";
import { signIn } from "../../lib/cli/verbs/sign-in.ts";

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = `${part({ alg: "RS256" })}.${part({ "cognito:username": "karima", exp: 1_795_172_400 })}.c2ln`;

/** Made as a token is, with nothing in it. */
const noClaims = { id_token: "a.b.c" };

/** Cognito: sends whoever asks back at once, and gives a token for the code and what was promised beside it. */
let cognito: Server;
let signInPages: string;
let asked: { path: string; challenge: string; to: string; state: string };
let given: { status: number; body: unknown };
let tokens: number;
/** Where the browser comes back to, at a port that was free just now. */
let site: string;
let said: string;
let interrupt: () => void;

beforeAll(async () => {
  cognito = createServer((message, response) => {
    const url = new URL(message.url ?? "/", signInPages);
    if (url.pathname === "/oauth2/authorize") {
      const {
        redirect_uri: to = "",
        state = "",
        code_challenge: challenge = "",
      } = Object.fromEntries(url.searchParams);
      asked = { path: url.search, challenge, to, state };
      return void response.writeHead(302, { location: `${to}?code=one&state=${state}` }).end();
    }
    let body = "";
    message.on("data", (data) => (body += data));
    message.on("end", () => {
      tokens += 1;
      const form = Object.fromEntries(new URLSearchParams(body));
      const proves =
        createHash("sha256")
          .update(form.code_verifier ?? "")
          .digest("base64url") === asked.challenge;
      const right =
        proves &&
        form.code === "one" &&
        form.redirect_uri === asked.to &&
        form.client_id === "client";
      const { status, body: answer } = right ? given : { status: 400, body: {} };
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => cognito.listen(0, "127.0.0.1", resolve));
  signInPages = `http://127.0.0.1:${(cognito.address() as AddressInfo).port}`;
});
afterAll(() => cognito.close());

beforeEach(async () => {
  given = { status: 200, body: { id_token: token } };
  tokens = 0;
  said = "";
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
  site = `http://localhost:${(free.address() as AddressInfo).port}`;
  await new Promise((resolve) => free.close(resolve));
});

const env = {
  WAVEGATE_ENV: "elsewhere",
  AWS_REGION: "eu-west-3",
  ...Object.fromEntries(
    [
      ...["CLUSTER_ARN", "DATABASE", "OPERATOR_SECRET_ARN", "EVIDENCE_BUCKET"],
      ...["MIGRATION_MACHINE_ARN", "WAVE_MACHINE_ARN", "ROLLBACK_MACHINE_ARN", "USER_POOL_ID"],
    ].map((name) => [`WAVEGATE_${name}`, "given"]),
  ),
};

/** Signs in on a terminal, while `browse` does with the address what a browser would. */
function signingIn(browse: (address: string) => Promise<unknown>) {
  let browsed: Promise<unknown> | undefined;
  const io = {
    env: {
      ...env,
      WAVEGATE_TERMINAL_SITE: site,
      WAVEGATE_SIGN_IN_PAGES: signInPages,
      WAVEGATE_USER_POOL_CLIENT_ID: "client",
    },
    err: (text: string) => {
      said += text;
      const [address] = /http\S+authorize\S+/u.exec(text) ?? [];
      if (address !== undefined) browsed = browse(address);
    },
    onInterrupt: (callback: () => void) => {
      interrupt = callback;
      return () => {};
    },
  };
  const frame = { io, output: "text", say: () => {} } as unknown as Parameters<typeof signIn>[0];
  const answer = signIn(frame).catch((error) => {
    const { exit, name, message } = describeFailure(error);
    return { exit, name, message };
  });
  return answer.then(async (answered) => ({ ...answered, browsed: await browsed }) as Answered);
}
interface Answered {
  readonly name?: string;
  readonly message?: string;
  readonly text?: string[];
  readonly json?: unknown;
  readonly browsed: unknown;
}

const follow = async (address: string) => {
  const response = await fetch(address);
  return [response.status, await response.text()];
};

/** Asks the terminal's own port, as anybody on this machine or any page of a browser can. */
const knock = (path: string, { host = new URL(site).host, method = "GET" } = {}) =>
  new Promise<number>((resolve, reject) => {
    const { port } = new URL(site);
    request({ host: "127.0.0.1", port, path, method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });

describe("W8 wavegate sign-in", () => {
  it("sends a browser to the sign-in and gives the shell the token that it comes back for", async () => {
    const { text, json, browsed } = await signingIn(follow);
    expect(browsed).toEqual([
      200,
      "You are signed in. Go back to the terminal; you can close this window.\n",
    ]);
    expect(text).toEqual([`export WAVEGATE_TOKEN='${token}'`]);
    expect(json).toEqual({ person: "karima", until: "2026-11-20T11:00:00.000Z", token });
    expect(said).toContain("karima is signed in until 2026-11-20T11:00:00.000Z.");
    expect(said).not.toContain(token);
    expect(Object.fromEntries(new URLSearchParams(asked.path))).toMatchObject({
      response_type: "code",
      client_id: "client",
      redirect_uri: `${site}/signed-in`,
      code_challenge_method: "S256",
    });
    const shell = spawnSync("sh", ["-c", `${text?.[0]}; printf %s "$WAVEGATE_TOKEN"`]);
    expect(shell.stdout.toString()).toBe(token);
  });

  it("what the shell holds then decides: it goes along as a bearer", async () => {
    const bearers: unknown[] = [];
    const pages = createServer(({ headers }, response) => {
      bearers.push(headers.authorization);
      response.writeHead(401).end('{"error":"NotSignedIn","message":"Nobody is signed in."}');
    });
    await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const frame = { io: { env: { WAVEGATE_TOKEN: token } } } as unknown as Parameters<
      typeof signIn
    >[0];
    const place = { name: "aws", settings: { WAVEGATE_SIGN_OFF_URL: url } };
    const asking = await signInToPages(frame, place);
    await expect(asking.get("/sign-off")).rejects.toThrow(
      'Nobody is signed in. On AWS `eval "$(wavegate sign-in)"` signs you in.',
    );
    expect(bearers).toEqual([`Bearer ${token}`]);
    pages.close();
    const without = { io: { env: {} } } as unknown as Parameters<typeof signIn>[0];
    await expect(signInToPages(without, place)).rejects.toThrow('`eval "$(wavegate sign-in)"`');
  });

  it("is ended by nobody else: whoever asks at the port with another state, host, path or method is nobody", async () => {
    const { text, browsed } = await signingIn(async (address) => {
      const state = new URL(address).searchParams.get("state");
      return [
        await knock("/signed-in?code=one&state=other"),
        await knock("/signed-in?error=access_denied"),
        await knock("/signed-in"),
        await knock(`/?code=one&state=${state}`),
        await knock(`/signed-in?code=one&state=${state}`, { method: "POST" }),
        await knock(`/signed-in?code=one&state=${state}`, { host: "evil.example" }),
        tokens,
        (await follow(address))[0],
      ];
    });
    expect(browsed).toEqual([400, 400, 400, 404, 404, 404, 0, 200]);
    expect(text).toEqual([`export WAVEGATE_TOKEN='${token}'`]);
  });

  it.each([
    ["no token", 200, {}],
    ["a token with a refusal", 400, { id_token: token }],
    ["what a shell would run", 200, { id_token: "a.b.c'; touch /tmp/run; '" }],
    ["a list", 200, { id_token: [token] }],
    ["what is no token", 200, noClaims],
  ])("signs nobody in where Cognito gives %s", async (_, status, body) => {
    given = { status, body };
    const { name, message, browsed, text } = await signingIn(follow);
    expect([name, text]).toEqual(["SignInFailed", undefined]);
    expect((browsed as unknown[])[0]).toBe(given.body === noClaims ? 200 : 400);
    expect(message).toMatch(/^The sign-in pages gave (?:no|a) token [^.]*\. Nobody is signed in;/u);
  });

  it("says what Cognito refused, and nothing else of what comes with it", async () => {
    const { name, message } = await signingIn(async (address) => {
      const state = new URL(address).searchParams.get("state");
      return knock(`/signed-in?error=access_denied%1b%5b31m%20x&state=${state}`);
    });
    expect([name, message]).toEqual([
      "SignInFailed",
      "The sign-in pages refused it (access_denied31mx). Nobody is signed in; run it again.",
    ]);
  });

  it("is given up by Ctrl-C", async () => {
    const { name, message } = await signingIn(async () => interrupt());
    expect([name, message]).toEqual([
      "SignInFailed",
      "Nobody came back from the sign-in. Nobody is signed in; run it again.",
    ]);
    // The port is free again.
    expect((await signingIn(follow)).text).toHaveLength(1);
  });

  it("is refused where something else listens", async () => {
    const other = createServer();
    await new Promise<void>((resolve) =>
      other.listen(Number(new URL(site).port), "127.0.0.1", resolve),
    );
    const { name, message } = await signingIn(follow);
    expect([name, message]).toEqual([
      "SignInFailed",
      expect.stringContaining("Nobody is signed in; end that, and run it again."),
    ]);
    other.close();
  });
});
