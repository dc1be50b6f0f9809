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
let environment: typeof process.env;
beforeAll(() => {
  before = shared();
  environment = { ...process.env };
});

// Of all clean-ups of a file this one comes last. Of the environment only names are told: values may be secrets.
afterAll(() => {
  const names = new Set([...Object.keys(environment), ...Object.keys(process.env)]);
  const changed = [...names].filter((name) => process.env[name] !== environment[name]);
  expect({ ...shared(), changed }, "the process that the next test file runs in").toEqual({
    ...before,
    changed: [],
  });
});
