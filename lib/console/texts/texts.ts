import { type In, inLanguage, type Language, languages } from "../../speech/language.ts";
import { actTexts } from "./acts.ts";
import { auditTexts } from "./audit.ts";
import { common } from "./common.ts";
import { decisionTexts } from "./decision.ts";
import { exportTexts } from "./exports.ts";
import { featureTexts } from "./features.ts";
import { judgedTexts } from "./judged.ts";
import { mappingTexts } from "./mappings.ts";
import { outcomes } from "./outcomes.ts";
import { phaseTexts } from "./phases.ts";
import { questionTexts } from "./questions.ts";
import { refusalTexts } from "./refusals.ts";
import { reviewTexts } from "./review.ts";
import { rowTexts } from "./rows.ts";
import { runTexts } from "./runs.ts";
import { signOffTexts } from "./sign-off.ts";
import { startTexts } from "./start.ts";
import { stepTexts } from "./steps.ts";

/** The whole catalogue: every sentence of the console once, in every language side by side. */
const catalogue = {
  ...common,
  ...outcomes,
  ...runTexts,
  ...phaseTexts,
  ...judgedTexts,
  ...stepTexts,
  ...actTexts,
  ...rowTexts,
  ...auditTexts,
  ...exportTexts,
  ...featureTexts,
  ...refusalTexts,
  ...startTexts,
  ...signOffTexts,
  ...decisionTexts,
  ...reviewTexts,
  ...questionTexts,
  ...mappingTexts,
} as const;

/** The console's texts in one language. */
export type Texts = In<typeof catalogue>;

const made = Object.fromEntries(
  languages.map((language) => [language, inLanguage(catalogue, language)]),
) as Readonly<Record<Language, Texts>>;

/** The console's texts in this language. */
export const textsIn = (language: Language): Texts => made[language];
