import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { startMariaDb, type TestMariaDb } from "../support/mariadb.ts";

let certificates: Certificates;
let server: TestMariaDb;
const file = (name: string) => certificates.file(name);

beforeAll(async () => {
  certificates = await makeCertificates();
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
  await certificates?.remove();
});

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
