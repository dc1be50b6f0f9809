import { everyNth, everyStep } from "../support/every-step.ts";
import type { Name } from "./acts.ts";
import type { World } from "./worlds.ts";

/** Which acts meet which others, in which world: `npm run test:all` meets them all, at every step. */
const all: readonly [World, Name, readonly string[]][] = [
  ["begun", "preflight", ["preflight", "plan-import"]],
  ["begun", "plan-import", ["plan-import", "validation and whole import"]],
  ["planned", "import-range", ["import-range", "validation and whole import"]],
  ["planned", "whole import", ["whole import"]],
  ["imported", "finish-import", ["finish-import", "judging"]],
  ["imported", "validate", ["validate", "judging"]],
  ...(["validate", "classify", "match", "dry-run"] as const).map(
    (stage): [World, Name, readonly string[]] => [
      "reviewed",
      stage,
      [
        stage,
        "validate",
        "judging",
        "judging of other mappings",
        "mapping",
        "hold",
        "approval and wave 1",
        "rollback and erasing",
      ],
    ],
  ),
  ["reviewed", "mapping", ["mapping", "judging", "approval and wave 1"]],
  [
    "reviewed",
    "ask",
    [
      "ask",
      "validate",
      "judging of other mappings",
      "stop",
      "rollback",
      "rollback and erasing",
      "approval and wave 1",
    ],
  ],
  [
    "asked",
    "approve",
    [
      "approve",
      "reject",
      "validate",
      "mapping",
      "rollback",
      "ask",
      "permission lost",
      "judge-samples",
    ],
  ],
  ["asked", "judge-samples", ["approve", "validate"]],
  [
    "approved",
    "commit 1",
    [
      "commit 1",
      "wave 1",
      "rollback",
      "stop",
      "pause",
      "validate",
      "judging of other mappings",
      "hold",
      "rollback and erasing",
      "set-up",
    ],
  ],
  ["approved", "hold", ["hold", "commit 1", "dry-run"]],
  [
    "committed",
    "verify 1",
    ["verify 1", "rollback", "rollback and relaunch", "rollback and erasing"],
  ],
  [
    "verified",
    "drill",
    [
      ...["drill", "rollback", "stop", "pause", "rollback and relaunch", "rollback and erasing"],
      "set-up",
    ],
  ],
  ["verified", "rollback", ["rollback", "drill", "resume and wave 1", "preview-rollback"]],
  [
    "scaled up",
    "commit 2",
    ["commit 2", "wave 2", "rollback", "relaunch up to wave 2, without a drill", "hold"],
  ],
  ["scaled up", "rollback", ["wave 2", "rollback to 2", "resume and wave 1"]],
  [
    "last",
    "final-verify",
    ["final-verify", "rollback", "rollback to 2", "stop", "validate", "mapping"],
  ],
  ["last", "rollback", ["final-verify"]],
  ["completed", "verify 1", ["erase", "rollback"]],
  ["completed", "rollback", ["erase", "rollback to 2", "set-up"]],
  // A machine that comes up sets itself up while its runs go on.
  ["completed", "set-up", ["rollback", "set-up"]],
  ["reviewed", "set-up", ["approval and wave 1", "judging"]],
  ["completed", "erase", ["erase", "rollback", "verify 1", "export-audit"]],
  ["completed", "export-audit", ["erase", "rollback", "export-audit", "set-up"]],
  ["completed", "preview-rollback", ["erase", "rollback"]],
];

/** What may be done of a run of which something is written: each of these meets each. */
const behindWaves: readonly (readonly [World, readonly Name[]])[] = [
  [
    "verified",
    [
      ...(["verify 1", "drill", "rollback", "preview-rollback", "export-audit"] as const),
      ...(["hold", "pause", "stop", "resume", "erase"] as const),
    ],
  ],
  [
    "scaled up",
    [
      ...(["commit 2", "rollback", "rollback to 2", "preview-rollback", "export-audit"] as const),
      ...(["hold", "pause", "stop"] as const),
    ],
  ],
  [
    "completed",
    [
      ...(["final-verify", "verify 1", "rollback", "rollback to 2", "preview-rollback"] as const),
      ...(["export-audit", "erase", "stop"] as const),
    ],
  ],
];
const pairs = behindWaves.flatMap(([world, names]) =>
  names.flatMap((act) => {
    const met = all.flatMap(([in_, first, others]) =>
      in_ === world && first === act ? others : [],
    );
    return names
      .filter((other) => !met.includes(other))
      .map((other) => [world, act, other] as const);
  }),
);

/** Those that `npm test` meets. */
const some: readonly [World, Name, readonly string[]][] = [
  ["begun", "preflight", ["preflight", "plan-import"]],
  ["begun", "plan-import", ["plan-import", "validation and whole import"]],
  ["planned", "import-range", ["import-range", "validation and whole import"]],
  ["planned", "whole import", ["whole import"]],
  ["imported", "finish-import", ["finish-import", "judging"]],
  ["imported", "validate", ["validate", "judging"]],
  // Each stage meets itself, and one of what each of them may meet.
  ["reviewed", "validate", ["validate", "judging of other mappings"]],
  ["reviewed", "classify", ["classify", "hold"]],
  ["reviewed", "match", ["match", "rollback and erasing"]],
  ["reviewed", "dry-run", ["dry-run", "validate", "judging"]],
  ["approved", "commit 1", ["commit 1", "rollback", "validate"]],
  ["completed", "rollback", ["set-up"]],
  ["completed", "export-audit", ["set-up"]],
];
const every = everyNth(173);

/** Each with how many steps lie between two at which they meet. */
export const meetings: readonly (readonly [World, Name, string, number])[] = (
  everyStep ? all : some
)
  .flatMap(([world, act, others]) => others.map((other) => [world, act, other, every] as const))
  // So many that each is met at some of its steps.
  .concat(everyStep ? pairs.map((pair) => [...pair, Math.max(13, every)] as const) : []);
