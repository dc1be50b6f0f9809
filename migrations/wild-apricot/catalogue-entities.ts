import {
  boolean,
  commit,
  derived,
  entity,
  insert,
  integer,
  started,
  text,
} from "../../lib/define/builders.ts";

/** The states of a membership that members refer to; those that the platform has already are kept. */
export const status = entity("status", {
  from: ["statuses"],
  fields: {
    label: text("label"),
    place: integer("place"),
    active: boolean("active", { yes: ["true"], no: ["false"] }),
  },
  decide: {},
  actions: {
    status: insert(
      "MembershipStatus",
      {
        code: "legacy_id",
        label: "label",
        sortOrder: "place",
        isActive: "active",
        updatedAt: started,
      },
      { id: derived("id", "legacy_id"), identity: ["code"], importedAs: "imported_status_id" },
    ),
  },
  plan: [commit("status")],
});

/** The tiers likewise. */
export const tier = entity("tier", {
  from: ["tiers"],
  fields: { name: text("name"), place: integer("place") },
  decide: {},
  actions: {
    tier: insert(
      "MembershipTier",
      { code: "legacy_id", name: "name", sortOrder: "place", updatedAt: started },
      { id: derived("id", "legacy_id"), identity: ["code"], importedAs: "imported_tier_id" },
    ),
  },
  plan: [commit("tier")],
});
