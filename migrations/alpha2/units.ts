import {
  all,
  boolean,
  commit,
  conflict,
  derived,
  entity,
  hold,
  insert,
  integer,
  is,
  kept,
  missing,
  need,
  noting,
  of,
  present,
  ref,
  same,
  skip,
  started,
  template,
  text,
  timestamp,
  when,
} from "../../lib/define/builders.ts";
import { written } from "./times.ts";

const times = { created_at: "made", updated_at: "changed" };

/** Learning units, of whoever wrote them. */
export const unit = entity("unit", {
  from: ["learning_unit"],
  fields: {
    title: text("title"),
    author_no: text("creator_id"),
    made: timestamp("created_at", written),
    changed: timestamp("updated_at", written),
  },
  refs: { author: ref("user", "author_no") },
  decide: {},
  actions: {
    unit: insert(
      "units",
      { title: "title", author_id: of("author", "sub"), ...times },
      { id: kept({ id: "legacy_id" }), importedAs: "imported_unit_id" },
    ),
  },
  is: [same({ id: "legacy_id" })],
  there: "keep",
  plan: [
    need("author", conflict("missing_author_identity")),
    when(missing("title"), hold("title_missing")),
    commit("unit"),
  ],
});

/** Sections, in the order that the old editor gave them (D39). */
export const section = entity("section", {
  from: ["sections"],
  fields: {
    title: template("{title}", "Ohne Titel"),
    unit_no: text("unit_id"),
    place: integer("row.place"),
    made: timestamp("created_at", written),
    changed: timestamp("updated_at", written),
  },
  refs: { unit: ref("unit", "unit_no") },
  decide: {},
  actions: {
    section: insert(
      "unit_sections",
      { unit_id: of("unit"), title: "title", position: "place", ...times },
      { id: kept({ id: "legacy_id" }), importedAs: "imported_section_id" },
    ),
  },
  is: [same({ id: "legacy_id" })],
  there: "keep",
  plan: [need("unit", skip("unit_not_imported")), commit("section")],
});

/** Which units a course has, in the order in which they were given to it. */
export const module = entity("module", {
  from: ["modules"],
  fields: {
    course_no: text("course_id"),
    unit_no: text("unit_id"),
    place: integer("row.place"),
    since: timestamp("assigned_at", written),
  },
  refs: { course: ref("course", "course_no"), unit: ref("unit", "unit_no") },
  decide: {},
  actions: {
    module: insert(
      "course_modules",
      {
        course_id: of("course"),
        unit_id: of("unit"),
        position: "place",
        created_at: "since",
        updated_at: "since",
      },
      { id: derived("id", "legacy_id"), importedAs: "imported_module_id" },
    ),
  },
  is: [same({ course_id: of("course"), unit_id: of("unit") })],
  there: "keep",
  plan: [
    need("course", skip("missing_target")),
    need("unit", skip("missing_target")),
    commit("module"),
  ],
});

const released = {
  released_by: of("course", "teacher_id"),
};
const releasedAs = {
  id: kept({ course_module_id: of("module"), section_id: of("section") }),
  importedAs: "imported_release_id",
};

/** Which sections a course shows, and since when; hidden ones come hidden (D39). */
export const release = entity("release", {
  from: ["releases"],
  fields: {
    course_no: text("course_id"),
    section_no: text("section_id"),
    unit_no: text("section.unit_id"),
    visible: boolean("is_published", { yes: ["t", "true"], no: ["f", "false"] }),
    told: timestamp("published_at", written),
  },
  refs: {
    course: ref("course", "course_no"),
    section: ref("section", "section_no"),
    module: ref("module", { course_no: "course_no", unit_no: "unit_no" }),
  },
  decide: {},
  actions: {
    shown: insert(
      "module_section_releases",
      { visible: "visible", released_at: "told", ...released },
      releasedAs,
    ),
    shown_undated: insert(
      "module_section_releases",
      { visible: "visible", released_at: started, ...released },
      releasedAs,
    ),
    hidden: insert("module_section_releases", { visible: "visible", ...released }, releasedAs),
  },
  is: [same({ course_module_id: of("module"), section_id: of("section") })],
  there: "keep",
  plan: [
    need("section", skip("section_missing")),
    need("module", skip("course_module_missing")),
    when(is("visible", "no"), commit("hidden")),
    when(all(is("visible", "yes"), present("told")), commit("shown")),
    when(is("visible", "yes"), noting("release_time_unknown", commit("shown_undated"))),
    hold("visibility_unknown"),
  ],
});

/** In the order in which they are written. */
export const units = [unit, section, module, release] as const;
