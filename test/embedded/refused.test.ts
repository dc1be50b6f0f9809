import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { ListTagsForResourceCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { writeFileDurably } from "../../lib/embedded/identity/durable.ts";
import { withFileLock } from "../../lib/embedded/identity/lock.ts";
import { startMailService } from "../../lib/embedded/mail/service.ts";
import { fromDatabase } from "../../lib/embedded/rds-data/errors.ts";
import { requireSameDatabase } from "../../lib/embedded/runtime/database.ts";
import {
  embeddedDatabase,
  rememberDatabase,
} from "../../lib/embedded/runtime/database-of-folder.ts";
import { homeAt } from "../../lib/embedded/runtime/home.ts";
import { readRequest } from "../../lib/embedded/s3/exchange.ts";
import { startStore } from "./s3/fixtures.ts";
import { ask, call, chain, eventually, PREFIX, StandIn } from "./states/stand-in.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-refused-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Name and sentence of what a work ends in. */
const refused = (work: Promise<unknown>) =>
  work.then(
    () => "nothing refused it",
    ({ name, message }: Error) => `${name}: ${message.replaceAll(folder, "FOLDER")}`,
  );

/** Status and body of a request as it is written here: no client would send these. */
const sent = (url: string, path: string, headers: Record<string, string> = {}, body = "") =>
  new Promise<{
    status: number | undefined;
    headers: NodeJS.Dict<string | string[]>;
    body: string;
  }>((resolve, reject) => {
    const { port } = new URL(url);
    const method = body === "" && headers["content-length"] === undefined ? "GET" : "PUT";
    const asking = request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
      let text = "";
      answer.on("data", (piece) => {
        text += piece;
      });
      answer.on("end", () => {
        resolve({ status: answer.statusCode, headers: answer.headers, body: text });
        // What was announced and does not come is waited for otherwise.
        asking.destroy();
      });
    });
    asking.on("error", reject).end(body);
  });

describe("W13 files of one machine", () => {
  it("a name that is taken is not written over", async () => {
    const target = join(folder, "letter.eml");
    await writeFileDurably(target, "first", { placement: "only-if-absent" });
    expect(await refused(writeFileDurably(target, "second", { placement: "only-if-absent" }))).toBe(
      "NameTaken: letter.eml exists already. Nothing was written.",
    );
    expect(await readdir(folder)).toEqual(["letter.eml"]);
    expect(await readFile(target, "utf8")).toBe("first");
  });

  it("a lock that another process holds for long is waited for, and then told of", async () => {
    const lock = join(folder, "lock");
    await symlink(JSON.stringify({ host: "another", pid: 1, token: "x" }), lock);
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      now += 15_000;
      return now;
    });
    const worked = vi.fn();
    const said = await refused(withFileLock(lock, worked));
    clock.mockRestore();
    expect(said).toBe(
      "LockTimeout: Another process holds FOLDER/lock. Nothing was written; try again, and remove the file if no other wavegate runs.",
    );
    expect(worked).not.toHaveBeenCalled();
    expect(await readdir(folder)).toEqual(["lock"]);
  });

  it.each([
    [
      "http://127.0.0.1/x",
      "DatabaseUnusable: WAVEGATE_DATABASE_URL has to read postgresql://USER:PASSWORD@HOST:PORT/DATABASE. Nothing was started.",
    ],
    [
      "postgresql://me:secret@127.0.0.1:1/x",
      "DatabaseUnusable: The database of WAVEGATE_DATABASE_URL at 127.0.0.1:1 cannot be used (connect ECONNREFUSED 127.0.0.1:1). Nothing was started; check host, port, user and password.",
    ],
  ])("a database of one's own at %s", async (url, says) => {
    expect(await refused(requireSameDatabase(homeAt({}, folder), url))).toBe(says);
  });

  it("a folder whose runs are in a database of one's own starts no other one", async () => {
    const home = homeAt({ WAVEGATE_HOME: folder }, "/");
    await rememberDatabase(home, {
      own: true,
      address: "db.example.com:5432/club",
      identity: "1/2",
    });
    expect(await refused(requireSameDatabase(home, undefined))).toBe(
      "OtherDatabase: The runs of FOLDER are in the database db.example.com:5432/club, and WAVEGATE_DATABASE_URL is not set. Nothing was started. Set it, in .env or in the environment, or choose another folder with WAVEGATE_HOME.",
    );
    await rememberDatabase(home, embeddedDatabase);
    expect(await refused(requireSameDatabase(home, undefined))).toMatch(/^OtherDatabase: /);
  });
});

describe("W13 state machines of one machine", () => {
  it("one that AWS would refuse is not started", async () => {
    const broken = { StartAt: "First", States: { First: { Type: "Pass", Next: "Gone" } } };
    expect(await refused(StandIn.start({ broken: broken as never }))).toMatch(
      /^InvalidStateMachine: The state machine broken cannot be run here\. Nothing was started\. .*The state First goes to Gone, which is not there\./,
    );
  });

  it("a function whose execution is stopped is told so, and by what", async () => {
    let told: { name?: string; interruption?: unknown } | undefined;
    let begun = false;
    const standIn = await StandIn.start(
      { long: chain({ Work: call("work") }) },
      {
        work: (_payload, { signal }) =>
          new Promise((done) => {
            signal.addEventListener("abort", () => {
              told = signal.reason;
              done({});
            });
            begun = true;
          }),
      },
    );
    const executionArn = await standIn.begin("long");
    await eventually(() => begun || undefined);
    await standIn.client.send(new StopExecutionCommand({ executionArn, error: "Enough" }));
    expect(await eventually(() => told)).toMatchObject({
      name: "Interrupted",
      interruption: { kind: "stopped", error: "Enough" },
    });
    await standIn.close();
  });

  it("a machine that is not there has no tags", async () => {
    const standIn = await StandIn.start({ gate: chain({ Gate: ask("send") }) });
    const tags = (name: string) =>
      standIn.client.send(
        new ListTagsForResourceCommand({ resourceArn: `${PREFIX}:stateMachine:${name}` }),
      );
    expect(await refused(tags("gate"))).toBe("nothing refused it");
    expect(await refused(tags("none"))).toBe(
      `ResourceNotFound: Resource not found: '${PREFIX}:stateMachine:none'`,
    );
    await standIn.close();
  });
});

describe("W13 the object store of one machine", () => {
  it("what is larger than an upload may be, or has a name that cannot be read, is refused before it comes", async () => {
    const { service, s3, directory } = await startStore();
    const at = await getSignedUrl(s3, new PutObjectCommand({ Bucket: "box", Key: "large" }));
    const announced = { "content-length": String(5 * 2 ** 30 + 1) };
    const large = await sent(service.url, at.slice(service.url.length), announced, "x");
    expect([large.status, large.body]).toEqual([400, expect.stringContaining("EntityTooLarge")]);
    // Whatever the signature of it says.
    for (const url of ["/box/%zz", "/%E0%A4%A/key", "/box?prefix=%", "box/key"])
      expect(() => readRequest({ url, headers: {} } as IncomingMessage)).toThrow(
        expect.objectContaining({ code: "InvalidURI", status: 400 }),
      );
    const note = (size: number) =>
      s3.send(
        new PutObjectCommand({
          Bucket: "box",
          Key: "noted",
          Body: "x",
          Metadata: { note: "n".repeat(size) },
        }),
      );
    expect(await refused(note(2044))).toBe("nothing refused it");
    expect(await refused(note(2045))).toMatch(/^MetadataTooLarge: /);
    expect(await readdir(directory)).not.toEqual([]);
  });

  it("an object whose bytes were taken out of the folder is told of, and is no empty one", async () => {
    const { s3, directory, faults } = await startStore();
    const at = { Bucket: "box", Key: "kept" };
    await s3.send(new PutObjectCommand({ ...at, Body: "the very bytes" }));
    for (const name of await readdir(directory, { recursive: true, withFileTypes: true })) {
      const path = join(name.parentPath, name.name);
      if (name.isFile() && (await readFile(path, "utf8")) === "the very bytes") await rm(path);
    }
    expect(await refused(s3.send(new GetObjectCommand(at)))).toBe(
      "InternalError: The bytes of this object are missing from the folder.",
    );
    expect(faults).toHaveLength(1);
  });

  it("what was not changed is not sent again", async () => {
    const { s3 } = await startStore();
    const at = { Bucket: "box", Key: "kept" };
    const { ETag } = await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
    // NotModified goes without a body, and so without its name.
    await expect(s3.send(new GetObjectCommand({ ...at, IfNoneMatch: ETag }))).rejects.toMatchObject(
      { $metadata: { httpStatusCode: 304 } },
    );
  });
});

it("W13 a letter beyond 40 MB is refused, whoever sends it, and none is kept of it", async () => {
  const directory = join(folder, "outbox");
  const service = await startMailService({ directory, authenticate: async () => "test" });
  const answer = await sent(
    service.url,
    "/v2/email/outbound-emails",
    {},
    "x".repeat(40 * 2 ** 20 + 1),
  );
  expect([answer.status, answer.headers["x-amzn-errortype"]]).toEqual([400, "MessageRejected"]);
  expect(JSON.parse(answer.body).message).toBe(
    "The message is larger than 40 MB. Nothing was sent.",
  );
  expect((await readdir(directory)).filter((name) => name.endsWith(".eml"))).toEqual([]);
  await service.close();
});

it("W13 D20 of what went wrong within the Data API's stand-in its callers learn nothing", () => {
  const defect = new TypeError("Cannot read full_name of Salima Haddad");
  const { name, message, status } = fromDatabase(defect);
  expect([name, status, message]).toEqual([
    "InternalServerErrorException",
    500,
    "An internal error occurred.",
  ]);
});
