import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startPagesService } from "../../../lib/embedded/pages/service.ts";

let url: string;
let close: () => Promise<void>;
const amina = { name: "amina", email: "amina@example.com" };

beforeEach(async () => {
  // The machine's clock alone: what measures time goes on.
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-20T10:00:00Z") });
  ({ url, close } = await startPagesService({
    port: 0,
    verifyPassword: async (_name, password) => (password === "right password" ? amina : undefined),
    standingOf: async () => "stands",
    changePassword: async () => undefined,
    invoke: async () => ({ statusCode: 200, headers: {}, body: "hello" }),
  }));
});
afterEach(async () => {
  vi.useRealTimers();
  await close();
});

const signIn = (password: string) =>
  fetch(`${url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: url },
    body: new URLSearchParams({ name: "amina", password, to: "/" }),
  });

it("W8 whoever mistyped their password waits no longer because the machine's clock was set back", async () => {
  for (let n = 0; n < 6; n += 1) await signIn("wrong");
  vi.setSystemTime(new Date("2026-11-01T10:00:00Z"));
  expect((await signIn("right password")).status).toBe(429);
  const later = performance.now() + 2 * 60_000;
  vi.spyOn(performance, "now").mockImplementation(() => later);
  expect((await signIn("right password")).status).toBe(303);
  vi.restoreAllMocks();
});

it.each(["2026-11-01T10:00:00Z", "2027-11-20T10:00:00Z"])(
  "W8 somebody who is signed in stays so, and for as long as ever, when the machine's clock is set to %s",
  async (set) => {
    const { headers } = await signIn("right password");
    const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const look = async () =>
      (await fetch(`${url}/x`, { headers: { cookie }, redirect: "manual" })).status;
    expect(await look()).toBe(200);
    vi.setSystemTime(new Date(set));
    expect(await look()).toBe(200);
    const later = performance.now() + 31 * 60_000;
    vi.spyOn(performance, "now").mockImplementation(() => later);
    expect(await look()).not.toBe(200);
    vi.restoreAllMocks();
  },
);
