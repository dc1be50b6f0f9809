import type { KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type AuditEntry, verifyChain } from "../../evidence/audit-chain.ts";
import { pullBundle } from "../../evidence/pull.ts";
import { publicKeyIn } from "../../evidence/signature.ts";
import { linesOf, parsed, UnreadableFile } from "../../evidence/verify/files.ts";
import { Entry } from "../../evidence/verify/shapes.ts";
import {
  type Anchor,
  type Failing,
  failingOf,
  type SignedBy,
  verifyBundle,
} from "../../evidence/verify-bundle.ts";
import { several } from "../../services/words.ts";
import { evidenceOf } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runOrLatest } from "../runs.ts";
import { printable } from "../table.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate audit pull`: the newest audit bundle of a run, each file verified on arrival. */
export const pull = (frame: Frame, options: { run?: string; to?: string }): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, options.run);
    const folder = resolve(frame.io.cwd, options.to ?? `${run.reference}-audit`);
    const pulled = await pullBundle(evidenceOf(aws), `runs/${run.reference}/audit`, folder);
    return {
      json: { run: run.reference, folder, ...pulled },
      text: [
        `${several(pulled.files, "file")} of ${pulled.prefix} in ${folder}`,
        `Manifest ${pulled.manifestDigest}`,
        "Verify it without any connection, by the digest of the mail that told of it:",
        `  wavegate audit verify ${folder} --digest DIGEST`,
        "and by the key that signs bundles (`wavegate audit key`): --public-key FILE",
      ],
    };
  });

/** What the auditor has from elsewhere, and whether it may be nothing. */
interface Verifying {
  readonly digest?: string;
  /** A PEM file. */
  readonly publicKey?: string;
  readonly unanchored?: boolean;
}

/** What came of it all, in words. */
const headings: Readonly<Record<Failing | "nothing", string>> = {
  nothing: "Nothing in the bundle contradicts anything else in it.",
  itself: "The bundle does NOT hold: it contradicts itself.",
  "what was given":
    "Nothing in the bundle contradicts anything else in it, and it is NOT the one that was announced or signed: it is another one, or was written anew.",
  unproven:
    "Nothing in the bundle contradicts anything else in it but its moments, and it is NOT anchored: the digest of its mail tells a clock that was set back from a log that was written anew.",
};

/** What anchors a bundle, in words. */
const anchorSays: Readonly<Record<Exclude<Anchor, "signature">, readonly string[]>> = {
  digest: ["Anchored by the digest you gave: it is the bundle that was announced."],
  chain: [
    "Anchored in part, by the head of the audit log you gave: what is told after it may have been written anew.",
    "`--digest` with the manifest of the mail about this bundle anchors all of it.",
  ],
  none: [
    "Not anchored: whoever can write every file can tell one story in all of them.",
    "`--digest` takes the manifest of the mail about this bundle, `--public-key` the key that signs bundles;",
    "`--unanchored` accepts that there is neither.",
  ],
};

/** What a signature shows, and against whom it shows nothing. */
const signatureSays = ({ fingerprint, verified, ownMachine }: SignedBy): readonly string[] => [
  verified
    ? `Anchored by the signature of key ${fingerprint}.`
    : `Key ${fingerprint} is said to have signed it; nothing shows that without \`--public-key\`.`,
  ...(verified && ownMachine
    ? [
        "That key lies on the machine that wrote the bundle: it shows damage, and not what the machine's owner forged.",
      ]
    : []),
];

/**
 * `wavegate audit verify`: a fetched log, or the folder of an exported bundle; offline. Exit 1 when
 * something does not hold.
 */
export async function verify(frame: Frame, name: string, options: Verifying): Promise<Answer> {
  const path = resolve(frame.io.cwd, name);
  const found = await stat(path).catch((error) => unreadable(path, error));
  if (found.isDirectory()) return verifyFolder(frame.io.cwd, path, options);
  if (options.publicKey === undefined) return verifyLog(path, options);
  throw new CannotRun(
    "NotABundle",
    `${path} is a file, and a signature is of the folder of a whole bundle. Nothing was verified; name the folder, or leave --public-key out.`,
  );
}

async function verifyFolder(cwd: string, folder: string, options: Verifying): Promise<Answer> {
  const publicKey =
    options.publicKey === undefined
      ? undefined
      : await readPublicKey(resolve(cwd, options.publicKey));
  const known = { digest: options.digest, publicKey };
  const { ok, anchor, signedBy, checks } = await verifyBundle(folder, known);
  const fails = ok ? undefined : await failingOf(folder, known);
  const anchored = anchor === "digest" || anchor === "signature";
  return {
    exit: ok && (anchored || options.unanchored === true) ? 0 : 1,
    json: {
      folder,
      ok,
      ...(fails ? { fails } : {}),
      anchor,
      ...(signedBy ? { signedBy } : {}),
      checks,
    },
    text: [
      ...checks.map(
        ({ passed, name, message }) => `${passed ? "PASS" : "FAIL"}  ${name}: ${message}`,
      ),
      "",
      headings[fails ?? "nothing"],
      ...(anchor === "signature" ? [] : anchorSays[anchor]),
      ...(signedBy ? signatureSays(signedBy) : []),
    ],
  };
}

/** The auditor's key. */
async function readPublicKey(file: string): Promise<KeyObject> {
  const key = publicKeyIn(await text(file));
  if (key) return key;
  throw new CannotRun(
    "NotAPublicKey",
    `${printable(file)} is not a public key on P-256 in PEM. Nothing was verified; \`wavegate audit key --to FILE\` writes it.`,
  );
}

async function verifyLog(file: string, { digest, unanchored }: Verifying): Promise<Answer> {
  const entries = await entriesOf(file);
  const verdict = verifyChain(entries);
  if (!verdict.ok) {
    return {
      exit: 1,
      json: { file, ...verdict },
      text: [`The chain is BROKEN at entry ${verdict.at}: ${printable(verdict.because)}`],
    };
  }
  const wanted = digest?.trim().toLowerCase();
  const told = entries.find(({ hash }) => hash === wanted);
  const anchor: LogAnchor = wanted === verdict.head ? "digest" : told ? "chain" : "none";
  const wrong = wanted !== undefined && anchor === "none";
  return {
    exit: !wrong && (anchor === "digest" || unanchored === true) ? 0 : 1,
    json: { file, anchor, ...verdict },
    text: [
      `${several(verdict.entries, "entry", "entries")}; the chain holds. Its head is ${verdict.head}.`,
      ...(wrong
        ? [`No entry of it is ${printable(wanted)}: it is NOT the log that was announced.`]
        : logSays[anchor](told?.seq)),
    ],
  };
}

/** A log by itself is not signed. */
type LogAnchor = Exclude<Anchor, "signature">;

/** What anchors a log by itself, in words. */
const logSays: Readonly<Record<LogAnchor, (entry: number | undefined) => readonly string[]>> = {
  digest: () => ["Anchored by the head you gave: no entry was changed, and none is missing."],
  chain: (entry) => [
    `Anchored up to entry ${entry}, by the head you gave; what came after may have been written anew, or cut off.`,
  ],
  none: () => [
    "Not anchored: whoever can write the file can make another chain that holds.",
    "`--digest` takes the log's head from a mail about the run; `--unanchored` accepts that there is none.",
  ],
};

const text = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((error) => unreadable(file, error));

function unreadable(path: string, error: NodeJS.ErrnoException): never {
  throw new CannotRun(
    "FileUnreadable",
    `${path} cannot be read (${error.code}). Nothing was verified.`,
  );
}

/** The entries of a log, each as wavegate writes it: what stands twice in one, or beside what is hashed, would be anybody's. */
async function entriesOf(file: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  const strange = () =>
    new CannotRun(
      "NotAnAuditLog",
      `Line ${entries.length + 1} of ${file} is no audit entry. Nothing was verified.`,
    );
  try {
    for await (const line of linesOf(file)) {
      const found = Entry.safeParse(parsed(line, file));
      if (!found.success) throw strange();
      entries.push(found.data);
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw strange();
    if (error instanceof CannotRun) throw error;
    unreadable(file, error as NodeJS.ErrnoException);
  }
  return entries;
}
