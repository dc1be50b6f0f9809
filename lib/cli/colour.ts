import { styleText } from "node:util";

/**
 * Whether what is written to a stream is coloured: never with NO_COLOR (no-color.org), always with
 * FORCE_COLOR, else where a terminal takes it.
 */
export function takesColour(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return !["0", "false"].includes(env.FORCE_COLOR);
  return isTerminal && env.TERM !== "dumb";
}

const good = /^(\s*(?:\d\d:\d\d:\d\d )?)(✓|PASS\b)/u;
const bad = /^(\s*(?:\d\d:\d\d:\d\d )?)(✗|FAIL\b)/u;
const open = /^(\s*(?:\d\d:\d\d:\d\d )?)(▸|·|WARN\b)/u;
const alarm = /\b(?:NOT|DOES NOT HOLD|BROKEN|STOPS)\b/gu;
const rule = /^─+(?: {2}─+)*$/u;
const command = /`([^`]+)`/gu;

type Style = Parameters<typeof styleText>[0];

/** A line of an answer with its marks, alarms and commands in colour; the text stays the same. */
export function coloured(line: string): string {
  const paint = (style: Style) => (_: string, before: string, mark: string) =>
    before + styled(style, mark);
  if (rule.test(line)) return styled("dim", line);
  return line
    .replace(good, paint("green"))
    .replace(bad, paint("red"))
    .replace(open, paint("yellow"))
    .replace(alarm, (word) => styled(["red", "bold"], word))
    .replace(command, (_, words: string) => `\`${styled("cyan", words)}\``);
}

const styled = (style: Style, text: string): string =>
  styleText(style, text, { validateStream: false });
