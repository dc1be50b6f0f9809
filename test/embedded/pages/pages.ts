import { afterEach, beforeEach } from "vitest";
import type { HttpApiEvent, HttpApiResponse } from "../../../lib/embedded/pages/event.ts";
import { startPagesService } from "../../../lib/embedded/pages/service.ts";

/** What a test sees of the service, and may change. */
interface Here {
  url: string;
  events: HttpApiEvent[];
  answer: (event: HttpApiEvent) => Promise<HttpApiResponse>;
  now: Date;
  standing: Record<string, string>;
  /** What somebody else does while a password is looked at. */
  meanwhile: () => void;
  wrong: { name: string | undefined; source: string }[];
}

/** The service with one person, for each test of a file, and how it is asked. */
export function signInPages() {
  const here = {} as Here;
  let close: () => Promise<void>;
  const heard = (event: HttpApiEvent) => {
    here.events.push(event);
    return here.answer(event);
  };
  beforeEach(async () => {
    Object.assign(here, {
      events: [],
      now: new Date("2026-11-20T10:00:00Z"),
      standing: { amina: "right password" },
      meanwhile: () => {},
      wrong: [],
      answer: async () => ({
        statusCode: 200,
        headers: { "content-type": "text/plain" },
        body: "hello",
      }),
    } satisfies Omit<Here, "url">);
    ({ url: here.url, close } = await startPagesService({
      port: 0,
      now: () => here.now,
      open: (path) => path === "/healthz",
      served: { "/api/me": heard },
      signed: { "/signed": async () => ({ statusCode: 200, body: "signed" }) },
      verifyPassword: async (name, password) => {
        const right =
          name.toLowerCase() === "amina" && password === here.standing.amina?.split(" again")[0];
        here.meanwhile();
        return right ? { name: "amina", email: "amina@example.com" } : undefined;
      },
      standingOf: async (name) => here.standing[name.trim().toLowerCase()],
      changePassword: async (name, password, stood) => {
        const refuse = (says: string) => Object.assign(new Error(says), { name: "PersonProblem" });
        if (stood !== here.standing[name]) throw refuse("Changed meanwhile.");
        if (password.length < 8)
          throw refuse("A password has 8 to 1024 characters. Nothing was changed.");
        here.standing[name] = password;
        return password;
      },
      onWrongPassword: async (about) => void here.wrong.push(about),
      invoke: heard,
    }));
  });
  afterEach(() => close());
  return Object.assign(here, {
    get: (path: string, headers: Record<string, string> = {}, method = "GET") =>
      fetch(`${here.url}${path}`, { method, headers, redirect: "manual" }),
    signIn: (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      fetch(`${here.url}/sign-in`, {
        method: "POST",
        redirect: "manual",
        headers,
        body: new URLSearchParams({
          name: "amina",
          password: "right password",
          to: "/",
          ...fields,
        }),
      }),
  });
}

export const cookieOf = (response: Response) =>
  response.headers.get("set-cookie")?.split(";")[0] ?? "";

export const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});
