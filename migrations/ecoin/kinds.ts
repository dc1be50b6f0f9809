import { all, field, not, referenced } from "../../lib/define/builders.ts";

// What rows are, as the rules, the plan and the review name it.
export const historical = field("classification", "completed", "archived_training");
export const registered = field("classification", "registered");
export const lead = field("classification", "lead_only");
export const known = field("duplicate_confidence", "low", "medium", "high");
export const placeholder = field("session_type", "placeholder_session");
export const toReview = field("validation_status", "needs_review");
// Counted where they block history, as a lead is never blocked by its course (M13, D11).
export const unmapped = all(historical, not(referenced("course", "mapped", "confirmed")));
