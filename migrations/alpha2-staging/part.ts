import { entity, skip } from "../../lib/define/builders.ts";

/** The tables of which the rows of others are made: they write nothing themselves. */
export const part = entity("part", {
  from: [
    "staging.course_students",
    "staging.unit_sections",
    "staging.course_unit_assignments",
    "staging.section_releases",
    "staging.materials_json",
    "staging.tasks_base",
    "staging.tasks_regular",
    "staging.submissions",
    "member_once",
    "assigned_once",
    "released_once",
  ],
  fields: {},
  decide: {},
  actions: {},
  plan: [skip("part_of_another_row")],
});
