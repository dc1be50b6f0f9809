import type { Database } from "../../lib/data/database.ts";
import { findLookedAt } from "../../lib/evidence/pinned.ts";
import type { StagedFilter } from "../../lib/stages/wave/page-ids.ts";
import { type PageRequest, pageOf } from "../../lib/stages/wave/staged-page.ts";

/** One page of a run's staged rows, of a run by its id. */
export const stagedPage = async (
  db: Database,
  run: string,
  filter: StagedFilter = {},
  page: PageRequest = {},
) => pageOf(db, await findLookedAt(db, run), filter, page);
