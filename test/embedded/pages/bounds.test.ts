import { expect, it } from "vitest";
import { createAttempts } from "../../../lib/embedded/pages/attempts.ts";
import { createLogInLinks } from "../../../lib/embedded/pages/log-in-links.ts";
import { createSessions } from "../../../lib/embedded/pages/sessions.ts";

let at = 0;
const now = () => new Date(at * 1000);
const person = { name: "amina", email: "a@example.org" };

it("W8 no wait is longer than an hour, however often somebody guesses, and after an hour's quiet all is as at first", () => {
  const attempts = createAttempts(now);
  const waits = () => attempts.waitFor("there");
  const longest = Array.from({ length: 1_100 }, () => {
    attempts.failed("there", "amina");
    return waits();
  });
  expect(longest.slice(3, 14)).toEqual([0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
  expect(longest.at(-1)).toBe(3600);
  // Quiet is counted from the wait's end.
  at += 3600 + 3500;
  attempts.failed("there", "amina");
  expect(waits()).toBe(3600);
  at += 3600 + 3601;
  attempts.failed("there", "amina");
  expect(waits()).toBe(0);
});

it("W8 the right password takes back the wait that it began itself, and no other", () => {
  const attempts = createAttempts(now);
  const right = () => {
    attempts.failed("there", "amina");
    attempts.succeeded("there", "amina");
    return attempts.waitFor("there");
  };
  expect([right(), right()]).toEqual([0, 0]);
  for (let guess = 0; guess < 4; guess += 1) attempts.failed("there", `guess ${guess}`);
  expect([attempts.waitFor("there"), right()]).toEqual([0, 0]);
  attempts.failed("there", "guess");
  expect(attempts.waitFor("there")).toBe(30);
  at += 30;
  expect(right()).toBe(0);
  attempts.failed("there", "guess");
  expect(attempts.waitFor("there")).toBe(60);
});

it("W8 of sources, sessions and links so many are kept, and the one that was used longest ago goes", () => {
  const attempts = createAttempts(now);
  for (let guess = 0; guess < 5; guess += 1) attempts.failed("first", "amina");
  for (let guess = 0; guess < 5; guess += 1) attempts.failed("second", "amina");
  for (let source = 0; source < 9_998; source += 1) attempts.failed(`${source}`, "amina");
  expect(attempts.waitFor("first")).toBe(30);
  attempts.failed("another", "amina");
  expect([attempts.waitFor("first"), attempts.waitFor("second")]).toEqual([30, 0]);

  const sessions = createSessions(now);
  const opened = Array.from({ length: 1_000 }, () => sessions.open(person, "stands", "1000"));
  expect(sessions.find(opened[0] ?? "", "1000")).toBeDefined();
  sessions.open(person, "stands", "1000");
  const first = opened.slice(0, 3).map((secret) => sessions.find(secret, "1000") !== undefined);
  expect(first).toEqual([true, false, true]);

  const links = createLogInLinks(now);
  const link = { person, standing: "stands", to: "/" };
  const made = Array.from({ length: 101 }, () => links.make(link));
  expect(made.slice(0, 2).map((secret) => links.find(secret))).toEqual([
    undefined,
    expect.objectContaining({ person }),
  ]);
});
