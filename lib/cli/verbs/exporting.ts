import { resolve } from "node:path";
import { pullBundle } from "../../evidence/pull.ts";
import { requireFreeFolder } from "../../evidence/pull-folder.ts";
import { evidenceOf } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { setting } from "../place.ts";
import { runNamed } from "../runs.ts";
import { didYouMean } from "../suggest.ts";
import { facts, table } from "../table.ts";
import { runOnly } from "./stages.ts";
import { withAws } from "./with-aws.ts";

const kinds = ["review", "audit"];

/** `wavegate export`: writes an export to the evidence bucket, and fetches it on request. */
export async function exporting(
  frame: Frame,
  what: string,
  options: { run: string; to?: string },
): Promise<Answer> {
  if (!kinds.includes(what)) {
    throw new CannotRun(
      "UnknownExport",
      `There is no export “${what}”.${didYouMean(what, kinds)} Nothing was written. There are: review, audit.`,
    );
  }
  return withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    const fetched = options.to === undefined ? undefined : resolve(frame.io.cwd, options.to);
    // Before the export is made: afterwards it could not be said that nothing was written.
    if (fetched !== undefined) await requireFreeFolder(fetched);
    const output = (await runOnly(aws, frame, run, `export-${what}`)) as Exported | null;
    const made = output?.[what as "review" | "audit"]?.answer;
    const prefix = folderOf(made?.prefix ?? `runs/${run.reference}/${what}`);
    const manifest = made?.manifestDigest ?? null;
    const evidence = evidenceOf(aws);
    const objects = await evidence.list(prefix);
    if (fetched !== undefined) await pullBundle(evidence, prefix, fetched);
    return {
      json: {
        run: run.reference,
        bucket: setting(aws.place, "WAVEGATE_EVIDENCE_BUCKET"),
        prefix,
        objects,
        manifest,
        ...(fetched === undefined ? {} : { fetched }),
      },
      text: [
        ...facts([
          ["Run", run.reference],
          ["Bucket", setting(aws.place, "WAVEGATE_EVIDENCE_BUCKET")],
          ["Folder", prefix],
          ["Manifest", manifest],
        ]),
        "",
        ...table(
          ["object", "bytes"],
          objects.map(({ key, size }) => [key.slice(prefix.length) || key, size]),
        ),
        ...(fetched === undefined
          ? []
          : [
              "",
              `Fetched into ${fetched}`,
              `Verify it: wavegate audit verify ${fetched}${manifest === null ? "" : ` --digest ${manifest}`}`,
            ]),
      ],
    };
  });
}

/** What the state that exported left in the execution's output. */
type Exported = Partial<
  Record<
    "review" | "audit",
    { readonly answer: { readonly prefix: string; readonly manifestDigest: string } }
  >
>;

const folderOf = (prefix: string): string => (prefix.endsWith("/") ? prefix : `${prefix}/`);
