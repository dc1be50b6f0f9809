import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Frame } from "../../lib/cli/command.ts";
import { describeFailure } from "../../lib/cli/failure.ts";
import { signInToPages } from "../../lib/cli/pages.ts";

let server: Server;
let answer: { status: number; body: string };
beforeAll(async () => {
  server = createServer((_request, response) => {
    if (answer.status === 0) return void response.destroy();
    if (answer.body === "half") {
      response.writeHead(200, { "content-length": 100 }).write("{");
      return void setTimeout(() => response.destroy(), 20);
    }
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

/** Decides as a person of this machine, while the pages answer that. */
async function deciding(status: number, body: string): Promise<unknown> {
  answer = { status, body };
  const { port } = server.address() as AddressInfo;
  const frame = { io: { env: { WAVEGATE_PASSWORD: "her own" } } } as unknown as Frame;
  const pages = await signInToPages(frame, {
    name: "local",
    person: "karima",
    settings: { WAVEGATE_SIGN_OFF_URL: `http://127.0.0.1:${port}` },
  });
  return pages.post("/sign-off/by-id/7/decision", { decision: "approve" }).then(
    (done) => done,
    ({ name, message }: Error) => ({ name, message }),
  );
}

it.each([
  [401, "", "NotSignedIn", "Name or password is wrong. Nothing was decided."],
  [
    429,
    "<h1>Slow down</h1>",
    "TooManyAttempts",
    "There were too many attempts to sign in. Nothing was decided; wait a while and try again.",
  ],
  [
    502,
    "<h1>Bad gateway</h1>",
    "PagesFailed",
    "The sign-off pages answered 502. Look with `wavegate sign-off show` at whether anything was decided.",
  ],
  // Something between that answers for them decides nothing.
  [
    200,
    "<h1>Welcome to the hotel's network</h1>",
    "PagesFailed",
    "The sign-off pages answered 200. Look with `wavegate sign-off show` at whether anything was decided.",
  ],
  // Killed while it decided, they may have.
  ...[
    [0, ""],
    [200, "half"],
  ].map(
    ([status, body]) =>
      [
        status as number,
        body as string,
        "PagesFailed",
        "The sign-off pages went away in the middle. Look with `wavegate sign-off show` at whether anything was decided.",
      ] as [number, string, string, string],
  ),
  [403, '{"error":"ApproverIsStarter","message":"You."}', "ApproverIsStarter", "You."],
])("W8 W13 pages that answer %s %j: %s", async (status, body, name, message) => {
  expect(await deciding(status, body)).toEqual({ name, message });
});

it("W8 what they decided is given back as they said it", async () => {
  expect(await deciding(200, '{"decision":"approved"}')).toEqual({ decision: "approved" });
});

it("W8 W13 where nobody listens it is said as of any other service", async () => {
  const frame = { io: { env: { WAVEGATE_PASSWORD: "her own" } } } as unknown as Frame;
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const settings = { WAVEGATE_SIGN_OFF_URL: `http://127.0.0.1:${port}` };
  const pages = await signInToPages(frame, { name: "local", person: "karima", settings });
  const failed = await pages.get("/sign-off").catch((error) => error);
  expect(describeFailure(failed).message).toContain("Nothing was written.");
});

it.each([
  ["decide", "A decision takes karima's own password. Nothing was decided; "],
  ["look", "A link that logs in takes karima's own password. None was made; "],
] as const)(
  "W13 without a password it is said what to %s takes, and that it is not done",
  async (forWhat, says) => {
    const frame = { io: { env: {}, askSecret: async () => "" } } as unknown as Frame;
    const place = {
      ...{ name: "local", person: "karima" },
      settings: { WAVEGATE_SIGN_OFF_URL: "http://127.0.0.1:1" },
    } as const;
    await expect(signInToPages(frame, place, forWhat)).rejects.toThrow(says);
  },
);
