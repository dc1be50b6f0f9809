import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy whose connections can be cut at any moment, in both directions at once. */
export interface CutProxy {
  readonly port: number;
  /** Cuts what is open; returns how many connections that were. New ones are let through. */
  cut(): number;
  /** Cuts everything the moment the server sends its n-th piece from now on, and says so. */
  cutAtPiece(n: number, happened: () => void): void;
  close(): Promise<void>;
}

/** Stands before a server on 127.0.0.1. */
export async function startProxy(port: number): Promise<CutProxy> {
  const open = new Set<Socket>();
  let pieces = 0;
  let atPiece: (() => void) | undefined;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
    far.on("data", () => {
      if (atPiece === undefined || pieces-- > 0) return;
      atPiece();
      atPiece = undefined;
      cut();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    const sockets = [...open];
    for (const socket of sockets) socket.destroy();
    return sockets.length / 2;
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutAtPiece: (n, happened) => {
      pieces = n;
      atPiece = happened;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      await closed;
    },
  };
}
