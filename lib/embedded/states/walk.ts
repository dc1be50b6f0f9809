import type { State, States } from "./asl.ts";

/** A state with where it stands. */
export interface Located {
  name: string;
  state: State;
  /** The group of states that its transitions stay in. */
  group: States;
}

/** All groups of states of a definition, the outermost first. */
export function groupsOf(group: States): States[] {
  const states = Object.values(group.States ?? {});
  const inner = states.flatMap((state) => [
    ...(state.Branches ?? []),
    ...[state.ItemProcessor, state.Iterator].filter((it) => it !== undefined),
  ]);
  return [group, ...inner.flatMap(groupsOf)];
}

/** All states of a definition, also those inside Maps and Parallels. */
export function statesOf(definition: States): Located[] {
  return groupsOf(definition).flatMap((group) =>
    Object.entries(group.States ?? {}).map(([name, state]) => ({ name, state, group })),
  );
}

/** The states that a state can go to. */
export function targetsOf(state: State): string[] {
  const targets = [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map((rule) => rule.Next),
    ...(state.Catch ?? []).map((catcher) => catcher.Next),
  ];
  return targets.filter((target): target is string => typeof target === "string");
}

/** Calls back for every text in a JSON value, with the field it stands in. */
export function eachText(value: unknown, found: (text: string, field: string) => void, field = "") {
  if (typeof value === "string") found(value, field);
  else if (Array.isArray(value)) for (const item of value) eachText(item, found, field);
  else if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) eachText(item, found, key);
  }
}
