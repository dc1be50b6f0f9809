import { createServer } from "node:net";
import { Readable } from "node:stream";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEvidenceStore } from "../../lib/services/evidence-store.ts";
import type { EvidenceStore } from "../../lib/services/services.ts";

/** Cuts every connection as soon as something is asked. */
const cutting = createServer((socket) => {
  socket.once("data", () => socket.resetAndDestroy());
  socket.on("error", () => {});
});
let client: S3Client;
let store: EvidenceStore;

beforeAll(async () => {
  await new Promise<void>((resolve) => cutting.listen(0, "127.0.0.1", resolve));
  const address = cutting.address();
  client = new S3Client({
    endpoint: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  store = openEvidenceStore("evidence", client);
});
afterAll(async () => {
  client.destroy();
  await new Promise((resolve) => cutting.close(resolve));
});

const type = { contentType: "text/plain" };

it.each<[string, () => Promise<unknown>]>([
  ["put", () => store.put("runs/a", Buffer.from("one"), type)],
  ["put as a stream", () => store.put("runs/a", Readable.from([Buffer.from("one")]), type)],
  ["read", () => store.get("runs/a")],
  ["listed", () => store.list("runs/")],
])(
  "W3 R10 a connection that breaks while evidence is %s is sent again by its name, and is none to the database",
  async (_what, act) => {
    await expect(act()).rejects.toMatchObject({
      name: "ConnectionLost",
      message: expect.stringMatching(
        /^The connection to the store of evidence was lost in the middle \((?:ECONNRESET|EPIPE)\)\. An object that/,
      ),
    });
  },
);
