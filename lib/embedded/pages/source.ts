import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/**
 * Where a request comes from. Everybody on one machine has the same address, so on Linux the user of
 * the operating system who holds the other end of the connection is told too: guesses of one user
 * slow down nobody else. Headers are never asked, as anybody may send any.
 */
export async function sourceOf({ remoteAddress, remotePort }: Socket): Promise<string> {
  const address = remoteAddress ?? "unknown";
  const user = remotePort === undefined ? undefined : await userOf(address, remotePort);
  return user === undefined ? address : `${address} user ${user}`;
}

/** The user's number in the kernel's list of connections; undefined elsewhere than on Linux. */
async function userOf(address: string, port: number): Promise<string | undefined> {
  const list = await readFile("/proc/net/tcp", "latin1").catch(() => "");
  const wanted = kernelSpelling(address, port);
  for (const line of list.split("\n")) {
    const [, local, , , , , , user] = line.trim().split(/\s+/u);
    if (local === wanted) return user;
  }
  return undefined;
}

/** `127.0.0.1`, 80 → `0100007F:0050`: the bytes of an IPv4 address in the order of this machine. */
function kernelSpelling(address: string, port: number): string {
  const bytes = address
    .replace(/^::ffff:/u, "")
    .split(".")
    .map(Number);
  const hex = (value: number, digits: number) =>
    value.toString(16).toUpperCase().padStart(digits, "0");
  return `${bytes
    .reverse()
    .map((byte) => hex(byte, 2))
    .join("")}:${hex(port, 4)}`;
}
