import { mkdir, writeFile } from "node:fs/promises";
import { graphOf } from "../lib/console/machine/graph.ts";
import { layOut } from "../lib/console/machine/layout.ts";
import { machineNames, readDefinition } from "../lib/infra/definitions.ts";
import { architecture } from "./pictures/architecture.ts";
import { box, drawn, label, picture } from "./pictures/svg.ts";

/** Where pictures are kept. */
export const pictureFolder = new URL("../docs/pictures/", import.meta.url);

/** The three state machines as one picture, from their definitions alone. */
export function stateMachines(): string {
  const [migration, wave, rollback] = machineNames.map((name) => graphOf(readDefinition(name)));
  const top = 70;
  const first = layOut(migration as NonNullable<typeof migration>, { x: 30, y: top });
  const aside = 30 + first.width + 40;
  const second = layOut(wave as NonNullable<typeof wave>, { x: aside, y: top });
  const below = top + second.height + 90;
  const third = layOut(rollback as NonNullable<typeof rollback>, { x: aside, y: below });
  const legendAt = below + third.height + 60;
  const kinds = [
    ["step", "a function"],
    ["person", "waits for a person"],
    ["child", "an execution of its own"],
    ["choice", "a choice"],
  ] as const;
  const width = aside + Math.max(second.width, third.width) + 30;
  const height = Math.max(top + first.height, legendAt + kinds.length * 46 + 40) + 30;
  return picture(width, height, "The state machines migration, wave and rollback", [
    label({ x: 30, y: 40 }, "migration", { size: 18, bold: true, anchor: "start" }),
    label({ x: aside, y: 40 }, "wave", { size: 18, bold: true, anchor: "start" }),
    label({ x: aside, y: below - 30 }, "rollback", { size: 18, bold: true, anchor: "start" }),
    ...drawn(first),
    ...drawn(second),
    ...drawn(third),
    ...kinds.map(([kind, title], n) =>
      box({ x: aside, y: legendAt + n * 46, width: 190, height: 34, kind, title }),
    ),
    `<circle cx="${aside + 6}" cy="${legendAt + kinds.length * 46 + 12}" r="5" fill="#b3382c"/>`,
    label(
      { x: aside + 20, y: legendAt + kinds.length * 46 + 16 },
      "its failure is caught: Halted, or Failed",
      { size: 12, anchor: "start" },
    ),
  ]);
}

/** Every picture of the documentation, by its file's name. */
export const pictures: Readonly<Record<string, () => string>> = {
  "state-machines.svg": stateMachines,
  "architecture.svg": architecture,
};

if (import.meta.main) {
  await mkdir(pictureFolder, { recursive: true });
  for (const [name, draw] of Object.entries(pictures)) {
    await writeFile(new URL(name, pictureFolder), draw());
    console.log(`docs/pictures/${name} is current.`);
  }
}
