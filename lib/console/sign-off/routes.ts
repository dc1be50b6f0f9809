import { definitionDigest, findRun, type Run } from "../../data/runs.ts";
import { lookOf } from "../../evidence/pinned.ts";
import type { Permission } from "../../review/people/people.ts";
import { judgeSamples } from "../../review/samples/judge.ts";
import { type Decided, decide } from "../../review/sign-off/decide.ts";
import { override } from "../../review/sign-off/override.ts";
import { read } from "../../review/sign-off/read.ts";
import { tellNow } from "../../review/sign-off/tell.ts";
import { findSignOff, type SignOffRef } from "../../review/sign-off-store.ts";
import { signOffsOf, wavesOf } from "../../review/steer/standing.ts";
import { Refusal } from "../../services/errors.ts";
import { type WaveAhead, waveAhead } from "../../stages/wave/ahead.ts";
import { whyAsked } from "../../stages/wave/why-asked.ts";
import { fieldOf, type PageRequest } from "../request.ts";
import { jsonAnswer, type PageResponse, seeOther } from "../response.ts";
import type { Route, SendRoute, Visit } from "../route.ts";
import { idIn } from "../rows/filter.ts";
import { failedNote } from "../run-head.ts";
import { ofRun } from "../said.ts";
import { wrongRemark } from "../sent.ts";
import { decidedPage } from "./decided-page.ts";
import { signOffPage } from "./page.ts";
import { verdictsOf } from "./verdicts.ts";
import { rowsOfPage } from "./wave-rows.ts";

/** The two ways to a sign-off: by its id on the terminal, by the secret of its link in a browser. */
const ways = ["/sign-off/by-id/:id", "/sign-off/:secret"] as const;

const idShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;
const secretShape = /^[\w-]{20,200}$/u;

/** What is sent about a sign-off. */
interface Sending {
  readonly after: string;
  readonly takes: Permission;
  readonly what: (request: PageRequest) => string;
  readonly answer: (visit: Visit, about: About) => Promise<PageResponse>;
  readonly wrongIn?: SendRoute["wrongIn"];
}

/** Which sign-off, and the path of its page. */
interface About {
  readonly ref: SignOffRef;
  readonly base: string;
}

const sendings: readonly Sending[] = [
  {
    after: "",
    takes: "legacy_imports.commit",
    what: decisionIn,
    answer: saveDecision,
    wrongIn: wrongRemark("comment"),
  },
  {
    after: "/samples",
    takes: "legacy_imports.review",
    what: () => "samples",
    answer: saveVerdicts,
  },
  {
    after: "/override",
    takes: "legacy_imports.commit",
    what: () => "override",
    answer: saveOverride,
    wrongIn: wrongRemark("reason"),
  },
];

/** The pages of a sign-off and their JSON form. */
export const signOffRoutes: readonly Route[] = ways.flatMap((way): Route[] => [
  { verb: "GET", path: way, takes: ["legacy_imports.view"], answer: show, back: baseOf },
  ...sendings.flatMap(({ after, takes, what, answer, wrongIn }): Route[] => [
    {
      verb: "POST",
      path: way + after,
      takes: [takes],
      about: ({ params }) => baseOf(params),
      asks: ({ request, params }) => ({ what: what(request), ...signOffIn(params) }),
      answer: (visit) => answer(visit, aboutOf(visit)),
      back: baseOf,
      ...(wrongIn === undefined ? {} : { wrongIn }),
    },
  ]),
]);

function baseOf({ id, secret }: Visit["params"]): string {
  return id === undefined ? `/sign-off/${secret}` : `/sign-off/by-id/${id}`;
}

function signOffIn({ id, secret }: Visit["params"]): { signOff?: SignOffRef } {
  if (id !== undefined && idShape.test(id)) return { signOff: { id } };
  if (secret !== undefined && secretShape.test(secret)) return { signOff: { secret } };
  return {};
}

function aboutOf({ params }: Visit): About {
  const { signOff: ref } = signOffIn(params);
  if (ref !== undefined) return { ref, base: baseOf(params) };
  throw new Refusal(
    "PageUnknown",
    "There is no page at this address. Nothing was changed; open the link of the newest mail, and check that it was copied whole.",
  );
}

async function show(visitor: Visit): Promise<PageResponse> {
  const { services, request, person, tokenFor } = visitor;
  const { ref, base } = aboutOf(visitor);
  const view = await read(services, ref, person.name, { withRows: request.wantsJson });
  if (request.wantsJson) return jsonAnswer(200, view);
  const run = await findRun(services.sign, view.run.id);
  const look = await lookOf(services.sign, run);
  const visit = ofRun(visitor, look);
  const pending = view.status === "pending";
  const [failed, ahead, asked, waves] = await Promise.all([
    failedNote(visit, run),
    pending ? aheadOf(visit, run) : null,
    pending ? signOffsOf(services.sign, run, services.clock()) : [],
    pending ? wavesOf(services.sign, run) : [],
  ]);
  const why = pending ? whyAsked(view, asked, waves) : null;
  return signOffPage(
    visit,
    { view, ahead, look, why, counts: run.counts, failed },
    { base, csrf: tokenFor(base) },
  );
}

/** The wave that is asked about; none of a run whose people are erased, or whose rules no wave goes by any more. */
async function aheadOf({ services, request }: Visit, run: Run): Promise<WaveAhead | null> {
  const current = services.migrations[run.migration];
  const same = current !== undefined && definitionDigest(current) === run.definition_digest;
  if (run.erased_at !== null || !same) return null;
  const before = idIn(request.query, "before");
  const from = before === undefined ? { after: idIn(request.query, "after") ?? -1 } : { before };
  return waveAhead(services.sign, run, { from, rows: rowsOfPage });
}

async function saveVerdicts(
  { services, request, person: { name: person } }: Visit,
  { ref, base }: About,
): Promise<PageResponse> {
  const saved = await judgeSamples(services, { ref, person, verdicts: verdictsOf(request) });
  return request.wantsJson ? jsonAnswer(200, saved) : seeOther(`${base}#decision`);
}

async function saveOverride(
  { services, request, person: { name: person } }: Visit,
  { ref, base }: About,
): Promise<PageResponse> {
  const saved = await override(services, {
    ...{ ref, person, reason: fieldOf(request, "reason"), seen: fieldOf(request, "seen") },
  });
  return request.wantsJson ? jsonAnswer(200, saved) : seeOther(`${base}#stops`);
}

async function saveDecision(visit: Visit, { ref }: About): Promise<PageResponse> {
  const { services, request, person } = visit;
  const decision = fieldOf(request, "decision");
  if (decision !== "approve" && decision !== "reject" && decision !== "changes") {
    throw new Refusal(
      "DecisionMissing",
      "A decision is to approve, to reject or to ask for changes. Nothing was decided; choose one.",
    );
  }
  const comment = fieldOf(request, "comment");
  const seen = fieldOf(request, "seen");
  const asked = { ref, person: person.name, decision, comment, seen } as const;
  if (request.wantsJson) return jsonAnswer(200, await decide(services, asked));
  return decidedPage(
    visit,
    await decide(services, asked).catch((error) => sentTwice(visit, asked, error)),
  );
}

/**
 * A button that was pressed twice, or whose answer was lost once it was kept, decides once, and its person sees the
 * receipt. Anything else stays refused.
 */
async function sentTwice(
  { services }: Visit,
  { ref, person, decision }: Parameters<typeof decide>[1],
  error: unknown,
): Promise<Decided> {
  const { sign, clock } = services;
  const signOff = await findSignOff(sign, ref, clock());
  const { id, run_id: run, gate, digest, comment, status, decided_by: by } = signOff;
  const same = decision === "approve" ? "approved" : "rejected";
  const changes = decision === "changes";
  if (status !== same || by !== person || signOff.changes_asked !== changes) {
    throw error;
  }
  const { reference, control } = await findRun(sign, run);
  return {
    ...{ signOff: id, run, reference, gate, digest, by, comment, control },
    decision: same,
    changes,
    at: signOff.decided_at ?? "",
    told: await tellNow(services, signOff),
  };
}

/** What was asked for; a word of the form's own, as anything may stand there. */
function decisionIn(request: PageRequest): string {
  return (
    ["approve", "reject", "changes"].find((each) => each === fieldOf(request, "decision")) ??
    "neither"
  );
}
