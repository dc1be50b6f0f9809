import type { Command } from "commander";
import { plural } from "../services/words.ts";
import { allMigrations } from "./migrations.ts";

/** A shell whose completion can be written. */
export type Shell = "bash" | "zsh" | "fish";

/** A word that may come next, and what it means. */
interface Word {
  readonly word: string;
  readonly says: string;
}

/** A command as completion needs it. */
interface Node {
  /** The words that lead to it: `/sign-off/approve`; the program itself is the empty one. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly (Word & {
    readonly takes: readonly string[] | "anything" | "nothing";
  })[];
}

/** What the arguments of commands may be, by their names; others are anybody's guess. */
const argumentWords = (): Readonly<Record<string, readonly string[]>> => ({
  migration: allMigrations().map(({ name }) => name),
  mapping: [...new Set(allMigrations().flatMap(({ references }) => Object.keys(references)))].map(
    plural,
  ),
  what: ["review", "audit"],
  verdict: ["right", "wrong"],
});

/** A script for a shell, to be sourced there; it asks nobody, so it is as quick as the shell. */
export function completionFor(shell: Shell, root: Command): string {
  const nodes = nodesOf(root, "");
  const script = { bash, zsh, fish }[shell];
  return script(nodes);
}

function nodesOf(command: Command, path: string): Node[] {
  const known = argumentWords();
  const node: Node = {
    path,
    words: [
      ...command.commands.map((inner) => ({ word: inner.name(), says: inner.description() })),
      ...command.registeredArguments.flatMap((argument) =>
        (argument.argChoices ?? known[argument.name()] ?? []).map((word) => ({
          word,
          says: argument.name(),
        })),
      ),
    ],
    options: [
      ...command.options.map((option) => ({
        word: option.long ?? "",
        says: option.description,
        takes: option.isBoolean() ? "nothing" : (option.argChoices ?? "anything"),
      })),
      { word: "--help", says: "show how it is used", takes: "nothing" },
    ].map((option) => option as Node["options"][number]),
  };
  return [node, ...command.commands.flatMap((inner) => nodesOf(inner, `${path}/${inner.name()}`))];
}

/** For each path and option with values: what may follow the option. */
const valued = (nodes: readonly Node[]) =>
  nodes.flatMap(({ path, options }) =>
    options
      .filter(({ takes }) => takes !== "nothing")
      .map(({ word, takes }) => ({ path, word, takes: takes as readonly string[] | "anything" })),
  );

const paths = (nodes: readonly Node[]): string =>
  nodes
    .map(({ path }) => path)
    .filter((path) => path !== "")
    .join("|");

const indented = (lines: readonly string[]): string =>
  lines.map((line) => `    ${line}`).join("\n");

const bash = (nodes: readonly Node[]): string => `# source <(wavegate completion bash)
_wavegate() {
  local current=\${COMP_WORDS[COMP_CWORD]} at="" word found=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at/$word" in ${paths(nodes)}) at="$at/$word" ;; esac
  done
  case "$at \${COMP_WORDS[COMP_CWORD-1]}" in
${indented(valued(nodes).map(({ path, word, takes }) => `"${path} ${word}") found="${takes === "anything" ? "" : takes.join(" ")}" ;;`))}
    *) case "$at" in
${indented(nodes.map(({ path, words, options }) => `"${path}") found="${[...words, ...options].map(({ word }) => word).join(" ")}" ;;`))}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o default -F _wavegate wavegate
`;

const zsh = (nodes: readonly Node[]): string => `#compdef wavegate
# source <(wavegate completion zsh), after compinit
_wavegate() {
  local at="" word
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at/$word" in (${paths(nodes)}) at="$at/$word" ;; esac
  done
  case "$at \${words[CURRENT-1]}" in
${indented(valued(nodes).map(({ path, word, takes }) => `("${path} ${word}") ${takes === "anything" ? "_files; return" : `found=(${takes.join(" ")})`} ;;`))}
    (*) case "$at" in
${indented(nodes.map(({ path, words, options }) => `("${path}") found=(${[...words, ...options].map(({ word, says }) => quoted(`${word}:${says}`)).join(" ")}) ;;`))}
    esac ;;
  esac
  _describe -t words wavegate found
}
compdef _wavegate wavegate
`;

const fish = (nodes: readonly Node[]): string => `# wavegate completion fish | source
function __wavegate_at
  set -l at ''
  for word in (commandline -opc)[2..]
    switch "$at/$word"
      case ${paths(nodes).replaceAll("|", " ")}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c wavegate -f
${nodes
  .flatMap(({ path, words, options }) => {
    const here = `complete -c wavegate -n "__wavegate_at '${path}'"`;
    return [
      ...words.map(({ word, says }) => `${here} -a ${word} -d ${quoted(says)}`),
      ...options.map(({ word, says, takes }) => {
        const values =
          takes === "nothing"
            ? ""
            : takes === "anything"
              ? " -r -F"
              : ` -x -a '${takes.join(" ")}'`;
        return `${here} -l ${word.slice(2)}${values} -d ${quoted(says)}`;
      }),
    ];
  })
  .join("\n")}
`;

/** In single quotes, as all three shells read them. */
const quoted = (text: string): string =>
  `'${text.replaceAll("'", "’").replaceAll("\\", "").replaceAll("\n", " ")}'`;
