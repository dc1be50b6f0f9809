import type { PinnedLook } from "../evidence/pinned.ts";
import type { Language } from "../speech/language.ts";
import { type Speech, speech } from "../speech/speech.ts";

/** The same visit, to a run: what is shown of it is said as the run is pinned to. */
export const ofRun = <V extends { readonly language: Language }>(
  visit: V,
  look: Pick<PinnedLook, "translations">,
): V & Speech => ({ ...visit, ...speech(visit.language, look) });
