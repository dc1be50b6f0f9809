import {
  boolean,
  derived,
  entity,
  insert,
  integer,
  kept,
  of,
  ref,
  template,
  text,
  timestamp,
} from "../../lib/define/builders.ts";
import { written } from "../alpha2/times.ts";
import {
  module as legacyModule,
  release as legacyRelease,
  section as legacySection,
  unit as legacyUnit,
} from "../alpha2/units.ts";

/** Learning units, with what they are about. */
export const unit = entity("unit", {
  ...legacyUnit,
  from: ["staging.learning_units"],
  fields: {
    title: text("title"),
    about: text("description", { lines: true }),
    author_no: text("creator_id"),
  },
  refs: { author: ref("user", "author_no") },
  actions: {
    unit: insert(
      "units",
      { title: "title", summary: "about", author_id: of("author", "sub") },
      { id: kept({ id: "legacy_id" }), importedAs: "imported_unit_id" },
    ),
  },
});

/** Sections, in the order that the old editor gave them, and of one place by their id (D39). */
export const section = entity("section", {
  ...legacySection,
  from: ["sections"],
  fields: {
    title: template("{title}", "Ohne Titel"),
    unit_no: text("unit_id"),
    place: integer("row.place"),
  },
  refs: { unit: ref("unit", "unit_no") },
  actions: {
    section: insert(
      "unit_sections",
      { unit_id: of("unit"), title: "title", position: "place" },
      { id: kept({ id: "legacy_id" }), importedAs: "imported_section_id" },
    ),
  },
});

/** Which units a course has, in the order of their places; those without one come last. */
export const module = entity("module", {
  ...legacyModule,
  from: ["modules"],
  fields: {
    course_no: text("course_id"),
    unit_no: text("unit_id"),
    place: integer("row.place"),
  },
  refs: { course: ref("course", "course_no"), unit: ref("unit", "unit_no") },
  actions: {
    module: insert(
      "course_modules",
      { course_id: of("course"), unit_id: of("unit"), position: "place" },
      { id: derived("id", "legacy_id"), importedAs: "imported_module_id" },
    ),
  },
});

/** Which sections a course shows, and since when; hidden ones come hidden (D39). */
export const release = entity("release", {
  ...legacyRelease,
  from: ["releases"],
  fields: {
    course_no: text("course_id"),
    section_no: text("section_id"),
    unit_no: template("{section.unit_id}", "{unit_id}"),
    visible: boolean("visible", { yes: ["t", "true"], no: ["f", "false"] }),
    told: timestamp("released_at", written),
  },
  refs: {
    course: ref("course", "course_no"),
    section: ref("section", "section_no"),
    module: ref("module", { course_no: "course_no", unit_no: "unit_no" }),
  },
});

/** In the order in which they are written. */
export const units = [unit, section, module, release] as const;
