import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askToDecide, askToLook, askToStart } from "../../lib/cli/ask-signed.ts";
import type { Aws } from "../../lib/cli/aws.ts";

const run = "3f1c9a52-8f6e-4a0e-9d67-0d6a2f3b4c5d";

let server: Server;
let aws: Aws;
/** What API Gateway says by itself, its function having said nothing. */
let answer = { status: 200, message: "" };
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: answer.message }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  aws = {
    place: { settings: { WAVEGATE_SIGN_OFF_URL: url, AWS_REGION: "eu-west-3" } },
    states: {
      config: { credentials: async () => ({ accessKeyId: "key", secretAccessKey: "secret" }) },
    },
  } as never;
});
afterAll(() => server.close());

const ways = {
  started: () => askToStart(aws, { machine: "wave", about: "commit", input: { run } }),
  decided: () => askToDecide(aws, { decide: "pause", run }),
  "looked at": () => askToLook(aws, { look: "held", run }),
} as const;

describe.each(Object.entries(ways))("W13 where something is to be %s", (done, ask) => {
  it.each([
    // A function that did not end in its time, or in 30 s; one that was made ready first; an error within AWS.
    [503, "Service Unavailable"],
    [504, "Gateway Timeout"],
    [500, "Internal Server Error"],
  ])("and API Gateway answers %d, nobody is told that nothing was", async (status, message) => {
    answer = { status, message };
    const refused = ask();
    await expect(refused).rejects.toThrow(`answered ${status}`);
    await expect(refused).rejects.toThrow(
      `It is not known whether it was ${done}; look with \`wavegate status\`, then ask again.`,
    );
  });

  it("and too much is asked at once, nothing was, and it is asked again later", async () => {
    answer = { status: 429, message: "Too Many Requests" };
    await expect(ask()).rejects.toThrow(
      `Nothing was ${done}: more is asked there than it takes at once (429). Ask again in a moment.`,
    );
  });

  it.each([
    "Signature expired: 20261201T020000Z is now earlier than 20261201T021500Z (20261201T022000Z - 5 min.)",
    "Signature not yet current: 20261201T030000Z is still later than 20261201T022500Z (20261201T022000Z + 5 min.)",
  ])("and the clock is another than AWS's, it is named: %s", async (message) => {
    answer = { status: 403, message };
    await expect(ask()).rejects.toThrow(
      `This machine's clock is not the one of AWS, so its signature was not taken (403). Nothing was ${done}; set the clock, and ask again.`,
    );
  });

  it("and the credentials may not, nothing was, and they are looked at", async () => {
    answer = { status: 403, message: "Forbidden" };
    await expect(ask()).rejects.toThrow(
      `It was refused (403). Nothing was ${done}; check that your credentials may call the API of the sign-off pages.`,
    );
  });
});
