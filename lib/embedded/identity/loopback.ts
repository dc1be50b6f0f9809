import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How long requests under way may still take when a service is closed. */
const GRACE_MS = 5000;

/** Listens on 127.0.0.1 (port 0: any free one) and returns `http://127.0.0.1:PORT`. */
export async function listenOnLoopback(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops listening. A client that neither sends nor leaves does not keep the service from ending. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close((error) => {
      clearTimeout(impatience);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
  });
}
