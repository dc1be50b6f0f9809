import { chmod, chown, copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type RunningPostgres, startPostgres } from "../../lib/embedded/postgres/start.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";

let certificates: Certificates;
let directory: string;
let server: RunningPostgres;
const file = (name: string) => certificates.file(name);

beforeAll(async () => {
  certificates = await makeCertificates();
  directory = await mkdtemp(join(tmpdir(), "wavegate-test-"));
  server = await startPostgres({ directory, durable: false });
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const { rows } = await admin.query<{ folder: string }>(
    "select current_setting('data_directory') folder",
  );
  const data = rows[0]?.folder ?? "";
  const { uid, gid } = await stat(join(data, "PG_VERSION"));
  for (const name of ["cert.pem", "key.pem"]) {
    await copyFile(file(name), join(data, name));
    await chmod(join(data, name), 0o600);
    await chown(join(data, name), uid, gid);
  }
  await admin.query("alter system set ssl_cert_file = 'cert.pem'");
  await admin.query("alter system set ssl_key_file = 'key.pem'");
  await admin.query("alter system set ssl = on");
  await admin.query("select pg_reload_conf()");
  await admin.end();
});

afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
  await certificates?.remove();
});

function open(changes: Record<string, string>, to = server.url) {
  const url = new URL(to);
  return openSource(
    sourceSettings("legacy", {
      LEGACY_DB_DRIVER: "pgsql",
      LEGACY_DB_PORT: url.port,
      LEGACY_DB_DATABASE: "postgres",
      LEGACY_DB_USERNAME: url.username,
      LEGACY_DB_PASSWORD: url.password,
      ...changes,
    }),
  );
}

describe("R2 a connection with a CA to a PostgreSQL", () => {
  it("is encrypted", async () => {
    const source = await open({ LEGACY_DB_SSL_CA: file("ca.pem") });
    expect((await source.identify()).encrypted).toBe(true);
    await source.close();
  });

  it("refuses a server whose certificate another CA signed", async () => {
    await expect(open({ LEGACY_DB_SSL_CA: file("other.pem") })).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining("the TLS certificate is not valid"),
    });
  });

  it("refuses a server whose certificate names another host, unless told not to look", async () => {
    const named = { LEGACY_DB_SSL_CA: file("ca.pem"), LEGACY_DB_HOST: "localhost" };
    await expect(open(named)).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining("the TLS certificate names another host"),
    });
    const source = await open({ ...named, LEGACY_DB_SSL_VERIFY_SERVER_CERT: "false" });
    expect((await source.identify()).encrypted).toBe(true);
    await source.close();
  });

  it("refuses a server that offers no TLS", async () => {
    const plain = inject("postgresUrl");
    await expect(open({ LEGACY_DB_SSL_CA: file("ca.pem") }, plain)).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining("the server offers no TLS"),
    });
  });
});
