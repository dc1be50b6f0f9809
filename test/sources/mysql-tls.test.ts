import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { startMariaDb, type TestMariaDb } from "../support/mariadb.ts";

const run = promisify(execFile);

let folder: string;
let server: TestMariaDb;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tls-"));
  await chmod(folder, 0o755);
  await authority("ca");
  await authority("other");
  const request = [
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    file("key.pem"),
    "-subj",
    "/CN=db.old.example",
  ];
  await run("openssl", ["req", ...request, "-out", file("request.pem")]);
  const signing = [
    "-CA",
    file("ca.pem"),
    "-CAkey",
    file("ca-key.pem"),
    "-CAcreateserial",
    "-days",
    "2",
  ];
  await run("openssl", [
    "x509",
    "-req",
    "-in",
    file("request.pem"),
    ...signing,
    "-out",
    file("cert.pem"),
  ]);
  await chmod(file("key.pem"), 0o644);
  server = await startMariaDb({
    options: [
      `--ssl-ca=${file("ca.pem")}`,
      `--ssl-cert=${file("cert.pem")}`,
      `--ssl-key=${file("key.pem")}`,
    ],
  });
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function authority(name: string): Promise<void> {
  const out = ["-keyout", file(`${name}-key.pem`), "-out", file(`${name}.pem`)];
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    ...out,
  ]);
}

const open = (changes: Record<string, string>) =>
  openSource(sourceSettings("legacy", { ...server.settings, ...changes }));

describe("R2 a connection with a CA", () => {
  it("is encrypted", async () => {
    const source = await open({ LEGACY_MYSQL_ATTR_SSL_CA: file("ca.pem") });
    expect((await source.identify()).encrypted).toBe(true);
    await source.close();
  });

  it("refuses a server whose certificate another CA signed", async () => {
    await expect(open({ LEGACY_MYSQL_ATTR_SSL_CA: file("other.pem") })).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining("the TLS certificate is not valid"),
    });
  });

  it("refuses a server whose certificate names another host, unless told not to look", async () => {
    const named = { LEGACY_MYSQL_ATTR_SSL_CA: file("ca.pem"), LEGACY_DB_HOST: "localhost" };
    await expect(open(named)).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining("the TLS certificate is not valid"),
    });
    const source = await open({ ...named, LEGACY_MYSQL_ATTR_SSL_VERIFY_SERVER_CERT: "false" });
    expect((await source.identify()).encrypted).toBe(true);
    await source.close();
  });

  it("refuses a server that offers no TLS", async () => {
    const plain = await startMariaDb();
    try {
      const settings = { ...plain.settings, LEGACY_MYSQL_ATTR_SSL_CA: file("ca.pem") };
      await expect(openSource(sourceSettings("legacy", settings))).rejects.toMatchObject({
        name: "SourceUnreachable",
        message: expect.stringContaining("the server offers no TLS"),
      });
    } finally {
      await plain.stop();
    }
  });
});
