/** Run by plain node in a process of its own: the host must not need the test runner. */
import { join } from "node:path";
import { startFunctionHost } from "../../../../lib/embedded/functions/host.ts";

const host = startFunctionHost({
  functions: { sample: join(import.meta.dirname, "sample.ts") },
  environment: () => ({}),
});
console.log(await host.invoke("sample", { do: "echo", value: "from plain node" }));
// The warm worker is left as it is: it must not keep this process from ending.
