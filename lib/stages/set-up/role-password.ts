import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** How a server keeps passwords: its `password_encryption` and its `scram_iterations`. */
export interface PasswordKeeping {
  readonly encryption: string;
  readonly iterations: string;
}

/**
 * A role's password as PostgreSQL stores it, made here: a statement that sets one stands in `pg_stat_statements` and in
 * Performance Insights for whoever watches the server, and in its log where that holds statements. A verifier opens nothing.
 * What is made is what the server would have made itself.
 */
export function storedPassword(
  role: string,
  password: string,
  { encryption, iterations }: PasswordKeeping,
): string {
  // Other letters are prepared first (RFC 4013), and left to the server.
  if (!/^[\x20-\x7e]*$/u.test(password)) return password;
  if (encryption !== "scram-sha-256")
    return `md5${createHash("md5").update(`${password}${role}`).digest("hex")}`;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, Number(iterations), 32, "sha256");
  const key = (name: string) => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}
