import {
  all,
  commit,
  entity,
  hold,
  insert,
  integer,
  is,
  not,
  nothing,
  otherThan,
  otherwise,
  said,
  same,
  skip,
  started,
  text,
  update,
  when,
} from "../../lib/define/builders.ts";
import { written } from "./counts.ts";

/** What is there and differs was edited by hand: it is left to a person, who may say that it is overwritten. */
const plan = [
  when(otherThan("classification", "only"), skip("not_asked_for")),
  when(is("there_is", "several", "shared"), hold("several_there")),
  when(all(is("there_is", "differs"), not(said("overwrite_edited"))), hold("hand_edited")),
];
const times = { created_at: started, updated_at: started };

/** Categories of communities, by their slugs (C2). */
export const category = entity("category", {
  from: ["categories"],
  fields: {
    name: text("name"),
    color: text("color"),
    icon: text("icon"),
    place: integer("place"),
  },
  decide: { classification: [{ is: "baseline", when: otherwise }] },
  actions: {
    category: insert(
      "community_categories",
      {
        slug: "legacy_id",
        name: "name",
        color_hex: "color",
        icon_path: "icon",
        sort_order: "place",
        ...times,
      },
      { importedAs: "imported_category_id" },
    ),
  },
  is: [same({ slug: "legacy_id" })],
  there: update({ name: "name", color_hex: "color", icon_path: "icon", sort_order: "place" }),
  plan: [...plan, commit("category")],
  report: { counts: written("categories", "Categories"), distributions: [], sections: [] },
});

/** Levels of every community: those of one stand beside them, and are its own. */
export const level = entity("level", {
  from: ["levels"],
  fields: { level: integer("level"), name: text("name"), points: integer("points") },
  decide: { classification: [{ is: "baseline", when: otherwise }] },
  actions: {
    level: insert(
      "community_levels",
      { level: "level", name: "name", points_required: "points", ...times },
      { importedAs: "imported_level_id" },
    ),
  },
  is: [same({ level: "level", community_id: nothing })],
  there: update({ name: "name", points_required: "points" }),
  plan: [...plan, commit("level")],
  report: { counts: written("levels", "Levels"), distributions: [], sections: [] },
});

/** Rules by which points are given, of every community likewise. */
export const rule = entity("rule", {
  from: ["rules"],
  fields: { points: integer("points"), cooldown: integer("cooldown") },
  decide: { classification: [{ is: "baseline", when: otherwise }] },
  actions: {
    rule: insert(
      "community_points_rules",
      { action: "legacy_id", points: "points", cooldown_seconds: "cooldown", ...times },
      { importedAs: "imported_rule_id" },
    ),
  },
  is: [same({ action: "legacy_id", community_id: nothing })],
  there: update({ points: "points", cooldown_seconds: "cooldown" }),
  plan: [...plan, commit("rule")],
  report: { counts: written("rules", "Rules of points"), distributions: [], sections: [] },
});
