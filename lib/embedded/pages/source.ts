import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/**
 * Where a request comes from. Everybody on one machine has the same address, so on Linux the user of
 * the operating system who holds the other end of the connection is told too: guesses of one user
 * slow down nobody else. Headers are never asked, as anybody may send any.
 */
export async function sourceOf(socket: Socket): Promise<string> {
  const address = socket.remoteAddress ?? "unknown";
  const user = await userOf(socket);
  return user === undefined ? address : `${address} user ${user}`;
}

/**
 * The user of the operating system who holds the other end of a connection, by their number in the kernel's list of
 * connections; undefined elsewhere than on Linux. That list is no picture of one moment: it is read once more.
 */
export async function userOf({ remoteAddress, remotePort }: Socket): Promise<string | undefined> {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  const wanted = kernelSpelling(remoteAddress, remotePort);
  return (await holderOf(wanted)) ?? (await holderOf(wanted));
}

async function holderOf(wanted: string): Promise<string | undefined> {
  const list = await readFile("/proc/net/tcp", "latin1").catch(() => "");
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
