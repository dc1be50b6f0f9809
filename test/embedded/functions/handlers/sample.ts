/** Handlers that do what the host's tests ask of them. */
import { setTimeout as wait } from "node:timers/promises";
import { threadId } from "node:worker_threads";

interface Context {
  awsRequestId: string;
  functionName: string;
  getRemainingTimeInMillis(): number;
}

type Wish =
  | { do: "echo"; value: unknown }
  | { do: "context" }
  | { do: "environment" }
  | { do: "count" }
  | { do: "throw"; name: string; message: string }
  | { do: "throw text" }
  | { do: "log"; lines: string[] }
  | { do: "sleep"; ms: number }
  | { do: "spin" }
  | { do: "exit"; code: number }
  | { do: "reject later" }
  | { do: "eat memory" }
  | { do: "answer"; bytes: number }
  | { do: "circle" };

let count = 0;

/** How often this module was asked to count, in this thread. */
export const counted = (): number => count;

export async function handler(wish: Wish, context: Context): Promise<unknown> {
  switch (wish.do) {
    case "echo":
      return wish.value;
    case "context": {
      const { awsRequestId, functionName } = context;
      return { awsRequestId, functionName, remaining: context.getRemainingTimeInMillis() };
    }
    case "environment":
      return { ...process.env };
    case "count":
      return { count: ++count, threadId };
    case "throw":
      throw Object.assign(new Error(wish.message), { name: wish.name });
    case "throw text":
      throw "only text";
    case "log":
      for (const line of wish.lines) console.log(line);
      process.stderr.write("to stderr\n");
      return null;
    case "sleep":
      await wait(wish.ms);
      return "slept";
    case "spin":
      for (;;);
    case "exit":
      return process.exit(wish.code);
    case "reject later":
      void Promise.reject(new RangeError("nobody waits for this"));
      await wait(10_000);
      return "never";
    case "eat memory": {
      const eaten: unknown[] = [];
      for (;;) eaten.push(Array.from({ length: 10_000 }, (_, n) => ({ n })));
    }
    case "answer":
      return "x".repeat(wish.bytes);
    case "circle": {
      const circle: { self?: unknown } = {};
      circle.self = circle;
      return circle;
    }
  }
}
