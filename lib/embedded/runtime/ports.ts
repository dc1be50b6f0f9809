import { createServer } from "node:net";
import type { Home } from "./home.ts";
import { rememberedPorts, rememberPorts } from "./home.ts";

/** Chooses ports: the one of the last time where it is free, else any; and remembers them. */
export interface Ports {
  /** The port a part had the last time if nobody has it now, else 0. */
  preferred(part: string): Promise<number>;
  /** The port a part had the last time, whoever has it now; 0 where it had none. */
  remembered(part: string): number;
  /** Notes the port a part listens on, by its address. */
  note(part: string, url: string): void;
  save(): Promise<void>;
}

export async function portsOf(home: Home): Promise<Ports> {
  const before = await rememberedPorts(home);
  const now = { ...before };
  return {
    preferred: async (part) => {
      const port = before[part];
      return port !== undefined && (await isFree(port)) ? port : 0;
    },
    remembered: (part) => before[part] ?? 0,
    note: (part, url) => {
      now[part] = Number(new URL(url).port);
    },
    save: () => rememberPorts(home, now),
  };
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
