import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCopyStore } from "../../lib/services/copy-store.ts";
import type { CopyToRemove } from "../../lib/services/services.ts";

/** What was asked, request by request: keys, each with its version or its tag. */
const asked: string[][] = [];
/** The codes that the next requests answer, by key. */
let answers: Record<string, string>[] = [];
let server: Server;
let client: S3Client;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const objects = [...body.matchAll(/<Object>(.*?)<\/Object>/gsu)].map(([, each = ""]) =>
        [...each.matchAll(/<(Key|VersionId|ETag)>(.*?)</gu)].map(([, , is]) => is).join(" "),
      );
      asked.push(objects);
      const codes = answers.shift() ?? {};
      const errors = Object.entries(codes).map(
        ([key, code]) => `<Error><Key>${key}</Key><Code>${code}</Code><Message>m</Message></Error>`,
      );
      response.setHeader("content-type", "application/xml");
      response.end(
        `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${errors.join("")}</DeleteResult>`,
      );
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  client = new S3Client({
    ...{ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    ...{ region: "us-east-1", forcePathStyle: true },
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
});
afterAll(async () => {
  client.destroy();
  await new Promise((done) => server.close(done));
});

/** Removes some; the codes with which each request answers. */
async function removed(copies: readonly CopyToRemove[], ...codes: Record<string, string>[]) {
  answers = codes;
  asked.length = 0;
  const found = await openCopyStore("files", client).remove(copies);
  return found.map((each) => (each instanceof Error ? each.name : each));
}
const versions = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ key: `k${n}`, version: `v${n}` }));

describe("A5 W3 copies that are removed", () => {
  it("go a thousand with a request, each by its version, and none without one but by what it was", async () => {
    expect(await removed(versions(2_001))).toEqual(Array.from({ length: 2_001 }, () => "gone"));
    expect(asked.map(({ length }) => length)).toEqual([1_000, 1_000, 1]);
    expect(asked[2]).toEqual(["k2000 v2000"]);
    expect(await removed([{ key: "k", version: null, tag: "abc" }])).toEqual(["gone"]);
    expect(asked).toEqual([["k abc"]]);
    expect(await removed([])).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("are told one by one: gone before, another by now, kept", async () => {
    expect(
      await removed(versions(5), {
        ...{ k0: "NoSuchKey", k1: "NoSuchVersion", k2: "PreconditionFailed", k3: "AccessDenied" },
      }),
    ).toEqual(["gone", "gone", "another", "AccessDenied", "gone"]);
    expect(asked).toHaveLength(1);
  });

  it("are asked for again where the store could not in that moment, these alone, and not for ever", async () => {
    expect(
      await removed(
        versions(3),
        { k0: "SlowDown", k2: "AccessDenied" },
        { k0: "ConditionalRequestConflict" },
      ),
    ).toEqual(["gone", "gone", "AccessDenied"]);
    expect(asked).toEqual([["k0 v0", "k1 v1", "k2 v2"], ["k0 v0"], ["k0 v0"]]);
    const slow = { k0: "InternalError" };
    expect(await removed(versions(2), slow, slow, slow)).toEqual(["InternalError", "gone"]);
    expect(asked).toHaveLength(3);
  });
});
