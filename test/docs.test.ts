import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const pages = ["README.md", ...globSync("docs/*.md", { cwd: root })].map((page) =>
  join(root, page),
);
/** A page without what stands in fences, which is no text. */
const textOf = (page: string) =>
  readFileSync(page, "utf8")
    .replaceAll(/^```.*?^```$/gmsu, "")
    .split("\n");

/** How a heading is called in an address. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\- _]/gu, "")
    .replaceAll(" ", "-");
const anchorsOf = (page: string) =>
  textOf(page).flatMap((line) => {
    const [, heading] = /^#+ (.+)$/u.exec(line) ?? [];
    return heading === undefined ? [] : [anchorOf(heading)];
  });

it("W13 every link of README and docs leads to a file that is there, and to a heading of it", () => {
  const links = pages.flatMap((page) =>
    [
      ...textOf(page)
        .join("\n")
        .matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/gu),
    ].map(([link, path = "", anchor]) => {
      const to = path === "" ? page : resolve(dirname(page), path);
      const leads = existsSync(to) && (anchor === undefined || anchorsOf(to).includes(anchor));
      return { link: `${relative(root, page)} ${link}`, leads };
    }),
  );
  expect(links.filter(({ leads }) => !leads).map(({ link }) => link)).toEqual([]);
  expect(links.length).toBeGreaterThan(100);
});

it("W13 every row of a table of README and docs has as many cells as its head", () => {
  const cells = (line: string) => line.match(/(?<!\\)\|/gu)?.length ?? 0;
  const broken = pages.flatMap((page) =>
    textOf(page).flatMap((line, at, lines) =>
      line.startsWith("|") &&
      lines[at - 1]?.startsWith("|") &&
      cells(line) !== cells(lines[at - 1] ?? "")
        ? [`${relative(root, page)}: ${line}`]
        : [],
    ),
  );
  expect(broken).toEqual([]);
});
