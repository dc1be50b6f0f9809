import { readdirSync } from "node:fs";
import { expect, it } from "vitest";

const room = new URL("../../lib/console/texts/", import.meta.url);
/** Files of the room that hold no part of the catalogue. */
const others = ["formats.ts", "language.ts", "texts.ts"];

it("R5 each text of the console has a key of its own: of two under one key the first would be lost untold", async () => {
  const keys: string[] = [];
  const files = readdirSync(room).filter((file) => !others.includes(file));
  for (const file of files) {
    const parts = Object.values(await import(new URL(file, room).href)) as object[];
    for (const part of parts) keys.push(...Object.keys(part));
  }
  expect(keys.length).toBeGreaterThan(100);
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
});
