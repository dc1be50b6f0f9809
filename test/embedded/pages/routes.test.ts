import { expect, it } from "vitest";
import { startPagesService } from "../../../lib/embedded/pages/service.ts";
import { handledBy } from "../../../lib/embedded/runtime/routes.ts";
import { basic, signInPages } from "./pages.ts";

const here = signInPages();
const { get } = here;

it("W2 a function behind a route has the 30 s there that API Gateway waits, however long it may take elsewhere", async () => {
  const given: unknown[] = [];
  const invoke = async (...all: unknown[]) => {
    given.push(all);
    return { statusCode: 200 };
  };
  expect(await handledBy({ invoke }, "console")({ rawPath: "/" })).toEqual({ statusCode: 200 });
  expect(given).toEqual([["console", { rawPath: "/" }, { timeoutMs: 30_000 }]]);
});

it("W2 W13 one that did not end in its time is told as API Gateway tells it, and to a person in a sentence", async () => {
  here.answer = async () => {
    throw Object.assign(new Error("Task timed out"), { name: "Sandbox.Timedout" });
  };
  const asJson = await get("/x", {
    accept: "application/json",
    ...basic("amina", "right password"),
  });
  expect([asJson.status, await asJson.json()]).toEqual([503, { message: "Service Unavailable" }]);
  const asPage = await get("/x", basic("amina", "right password"));
  expect(asPage.status).toBe(503);
  expect(await asPage.text()).toContain("it is not known whether anything was changed");
});

it("W14 of a function behind a signed route that failed by itself nothing is told but that", async () => {
  const { url, close } = await startPagesService({
    port: 0,
    verifyPassword: async () => undefined,
    invoke: async () => ({ statusCode: 200 }),
    signedBy: async () => "amina",
    signed: { "/signed": () => Promise.reject(new TypeError("sara.benali@example.com")) },
  });
  const failed = await fetch(`${url}/signed`, { method: "POST" });
  expect([failed.status, (await failed.text()).includes("sara")]).toEqual([502, false]);
  await close();
});

it("W2 a request of more than 10,240 bytes before its body is turned away, as API Gateway does", async () => {
  const long = (bytes: number) => get(`/healthz?x=${"x".repeat(bytes)}`);
  expect((await long(9_500)).status).toBe(200);
  expect((await long(10_240)).status).toBe(431);
  expect(here.events).toHaveLength(1);
});
