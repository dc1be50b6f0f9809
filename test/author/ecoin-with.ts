import type { Entity, Migration } from "../../lib/define/definition.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";

/** ECOIN with something else about its rows. */
export const entity = (change: Partial<Entity>): Migration => ({
  ...ecoin,
  entity: { ...ecoin.entity, ...change },
});
/** What was found, short. */
export const short = (problems: readonly { level: string; id: string; about: string }[]) =>
  problems.map(({ level, id, about }) => `${level} ${id} ${about}`);
