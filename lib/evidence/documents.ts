/** What of a run documents are made of: of the run itself, or of a bundle's `summary.json`. */
interface Pinned {
  readonly migration: string;
  readonly definition_digest: string;
  readonly connection: string;
  readonly focus_mode: string;
  readonly wave_plan: unknown;
  readonly gates: string;
  readonly settings?: unknown;
  /** What was read from; of an account that knows a policy, what it says of it. */
  readonly source?: unknown;
  readonly started_at: string;
}

type Documents = Readonly<Record<string, unknown>>;

const POLICIES = "policy-bundle.json";
const CONFIGURATION = "migration-config.json";

/**
 * The documents of an audit bundle (V5), by file name: the definition's own, and in every bundle what its reader looks
 * for. A migration without policies says so with an empty list; one without a configuration of its own shows by what
 * the run was started.
 */
export function documentsOf(documents: Documents | undefined, run: Pinned): Documents {
  const own = documents ?? {};
  const named = own[POLICIES];
  const policies =
    typeof named === "object" && named !== null ? captured(named, run.source) : noPolicies;
  return {
    ...own,
    [POLICIES]: { version: "1.0", generatedAt: run.started_at, ...policies },
    [CONFIGURATION]: own[CONFIGURATION] ?? {
      version: "1.0",
      migration: run.migration,
      definition_digest: run.definition_digest,
      source: run.connection,
      target: "platform",
      focus_mode: run.focus_mode,
      wave_plan: run.wave_plan,
      gates: run.gates,
      ...(run.settings === undefined ? {} : { settings: run.settings }),
    },
  };
}

/**
 * What is wrong with the policies of a definition, with what the source says of them, each in a sentence; undefined of a
 * definition without policies (V1).
 */
export function faultsOfPolicies(
  documents: Documents | undefined,
  source: unknown,
): readonly string[] | undefined {
  const named = documents?.[POLICIES];
  if (typeof named !== "object" || named === null) return undefined;
  const { validation } = captured(named, source) as {
    validation?: { valid?: unknown; errors?: unknown };
  };
  const { valid, errors = [] } = validation ?? {};
  if (valid !== false) return [];
  const said = Array.isArray(errors) ? errors.map(String) : [];
  return said.length === 0 ? ["It says of itself that it is not."] : said;
}

interface Policy {
  readonly key: string;
  readonly validationError?: string;
}
type Known = Readonly<Record<string, { readonly value: unknown; readonly source: string }>>;

/** Policies with what the source said of them, in place of defaults and of what was wrong with those. */
function captured(bundle: object, source: unknown): object {
  const known = (source as { policies?: Known } | null | undefined)?.policies;
  const { policies } = bundle as { policies?: unknown };
  if (known === undefined || !Array.isArray(policies)) return bundle;
  const now = (policies as Policy[]).map(({ validationError, ...policy }) => {
    const found = Object.hasOwn(known, policy.key) ? known[policy.key] : undefined;
    if (found !== undefined) return { ...policy, value: found.value, source: found.source };
    return validationError === undefined ? policy : { ...policy, validationError };
  });
  const errors = now.flatMap((each) => ("validationError" in each ? [each.validationError] : []));
  const named = known["display.organizationName"];
  return {
    ...bundle,
    ...(named === undefined ? {} : { organizationName: named.value }),
    policies: now,
    validation: { valid: errors.length === 0, errors, warnings: [] },
  };
}

const noPolicies = {
  organizationName: "",
  policies: [],
  validation: { valid: true, errors: [], warnings: [] },
  metadata: { policies: 0 },
};
