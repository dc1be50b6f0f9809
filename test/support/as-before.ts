import { afterAll, beforeAll, expect } from "vitest";

const { error, log, warn } = console;
const { now } = Date;
const clock = setTimeout;
const fetched = fetch;
const { kill, exit } = process;
const read = process.env;

const listened = ["SIGINT", "SIGTERM", "SIGHUP", "uncaughtException", "unhandledRejection"];

/** What the test files of a process share: each has to leave it as it found it. */
const shared = () => ({
  folder: process.cwd(),
  environment: { ...process.env },
  listeners: Object.fromEntries(listened.map((event) => [event, process.listenerCount(event)])),
  untouched:
    process.env === read &&
    Date.now === now &&
    setTimeout === clock &&
    fetch === fetched &&
    process.kill === kill &&
    process.exit === exit &&
    console.error === error &&
    console.log === log &&
    console.warn === warn,
});

let before: ReturnType<typeof shared>;
beforeAll(() => {
  before = shared();
});

// Of all clean-ups of a file this one comes last.
afterAll(() => {
  expect(shared(), "the process that the next test file runs in").toEqual(before);
});
