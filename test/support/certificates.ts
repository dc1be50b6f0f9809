import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A folder with `ca.pem`, `other.pem` (another CA), and `cert.pem` with `key.pem` of db.old.example. */
export interface Certificates {
  file(name: string): string;
  remove(): Promise<void>;
}

/** Makes certificates that last two days. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "tls-"));
  await chmod(folder, 0o755);
  const file = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => run("openssl", words);
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  for (const name of ["ca", "other"]) {
    const out = ["-keyout", file(`${name}-key.pem`), "-out", file(`${name}.pem`)];
    await openssl("req", "-x509", ...newKey, "-days", "2", "-subj", `/CN=${name}`, ...out);
  }
  const request = ["-keyout", file("key.pem"), "-subj", "/CN=db.old.example"];
  await openssl("req", ...newKey, ...request, "-out", file("request.pem"));
  const signing = ["-CA", file("ca.pem"), "-CAkey", file("ca-key.pem"), "-CAcreateserial"];
  const signed = ["-in", file("request.pem"), ...signing, "-days", "2", "-out", file("cert.pem")];
  await openssl("x509", "-req", ...signed);
  await chmod(file("key.pem"), 0o644);
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
