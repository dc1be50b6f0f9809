import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../lib/embedded/pages/sessions.ts";
import { cookieOf, signInPages } from "./pages.ts";

const here = signInPages();
const { get, signIn } = here;
const run = promisify(execFile);

/** Nobody's account on most systems, and at any rate not root's. */
const another = 65534;
const isRoot = process.geteuid?.() === 0;

const asks = (url: string, cookie: string) =>
  `fetch(${JSON.stringify(url)}, { headers: { cookie: ${JSON.stringify(cookie)} } }).then(({ status }) => console.log(status))`;

describe("W8 a browser sends its cookies to every port of a host, and so to whoever listens on another one", () => {
  it("a session is worth nothing to another user of the machine, and goes on for its own", () => {
    const sessions = createSessions(() => new Date("2026-11-20T10:00:00Z"));
    const amina = { name: "amina", email: "amina@example.com" };
    const secret = sessions.open(amina, "stands", "1000");
    expect(sessions.find(secret, "1001")).toBeUndefined();
    expect(sessions.find(secret, undefined)).toBeUndefined();
    expect(sessions.find(secret, "1000")?.person).toEqual(amina);
    // Where the system does not tell whose a connection is, it tells it of none.
    const untold = sessions.open(amina, "stands", undefined);
    expect(sessions.find(untold, undefined)?.person).toEqual(amina);
  });

  it.runIf(isRoot)("nor to one who sends it for real", async () => {
    const cookie = cookieOf(await signIn());
    const asked = async (uid: number) => {
      const program = ["-e", asks(`${here.url}/x`, cookie)];
      const { stdout } = await run(process.execPath, program, { uid, cwd: "/", env: {} });
      return stdout.trim();
    };
    expect(await asked(0)).toBe("200");
    expect(await asked(another)).toBe("401");
    expect((await get("/x", { cookie })).status).toBe(200);
    expect(here.events).toHaveLength(2);
  });
});
