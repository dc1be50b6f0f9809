import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../lib/evidence/manifest.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import {
  fingerprintOf,
  pemOf,
  publicKeyIn,
  type Signature,
  signBundle,
} from "../../lib/evidence/signature.ts";
import { anchorOf } from "../../lib/evidence/verify/anchor.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import type { Signer } from "../../lib/services/services.ts";
import { type SmallWorld, wholeWorld } from "./small-run.ts";

let world: SmallWorld;
let whole: string;
let review: string;
let manifestDigest: string;
let publicKey: KeyObject;
let fingerprint: string;
/** A copy to spoil, for each test. */
let bundle: string;

beforeAll(async () => {
  world = await wholeWorld();
  ({ folder: whole, manifestDigest } = await world.bundle("whole"));
  const { spki } = await world.test.services.signer.publicKey();
  publicKey = publicKeyIn(pemOf(spki)) as KeyObject;
  fingerprint = fingerprintOf(spki);
  review = join(world.home, "review");
  const [found] = await world.test.query<{ prefix: string }>(
    "select prefix from wavegate.review_exports order by created_at desc limit 1",
  );
  await pullBundle(world.test.services.evidence, found?.prefix ?? "", review);
});
afterAll(() => world.close());
beforeEach(async () => {
  bundle = await mkdtemp(join(world.home, "copy-"));
  await cp(whole, bundle, { recursive: true });
});
afterEach(() => rm(bundle, { recursive: true, force: true }));

const path = (name: string) => join(bundle, name);

/** What a verifier who has the key hears. */
async function verified(key: KeyObject | undefined = publicKey, digest?: string) {
  const { ok, anchor, signedBy, checks } = await verifyBundle(bundle, { publicKey: key, digest });
  const said = checks.find(({ name }) => name === "signature");
  return { ok, anchor, by: signedBy?.fingerprint, passed: said?.passed, says: said?.message };
}

async function changed(change: (signature: Signature) => Partial<Signature>): Promise<void> {
  const found: Signature = JSON.parse(await readFile(path("signature.json"), "utf8"));
  const text = JSON.stringify({ ...found, ...change(found) }, null, 2);
  await writeFile(path("signature.json"), `${text}\n`);
}

/** A signer with a key of its own, under any name. */
function another(key: string): { signer: Signer; publicKey: KeyObject } {
  const { privateKey, publicKey: half } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey: half,
    signer: {
      publicKey: async () => ({ key, spki: half.export({ type: "spki", format: "der" }) }),
      sign: async (text) => sign("sha256", Buffer.from(text), privateKey),
    },
  };
}

/** Tells another story in a file and makes the manifest fit, as who can write everything would. */
async function forge(): Promise<{ manifest: string; log: { entries: number; head: string } }> {
  const manifest = JSON.parse(await readFile(path("manifest.json"), "utf8"));
  manifest.exported_at = "2026-11-20T10:00:01.000Z";
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(path("manifest.json"), text);
  return { manifest: sha256(text), log: manifest.audit_log };
}

const failed = { ok: false, anchor: "none", by: undefined, passed: false };

describe("B11 W12 the signature of a bundle", () => {
  it("B11 W12 anchors the bundle for whoever has the public key", async () => {
    expect(await verified()).toEqual({
      ok: true,
      anchor: "signature",
      by: fingerprint,
      passed: true,
      says: `Key ${fingerprint} signed this manifest.`,
    });
    const { signedBy } = await verifyBundle(bundle, { publicKey });
    expect(signedBy?.ownMachine).toBe(true);
    // Who has the key signs whatever order of the log they like.
    const manifest = await readFile(path("manifest.json"));
    expect((await anchorOf(bundle, manifest, { publicKey })).trustedTo).toBe(0);
    expect(await verified(publicKey, manifestDigest)).toMatchObject({ ok: true, anchor: "digest" });
    expect(await verified(publicKey, "0".repeat(64))).toMatchObject({ ok: false });
  });

  it("B11 W12 anchors a review export as well", async () => {
    const { ok, anchor, signedBy } = await verifyBundle(review, { publicKey });
    expect({ ok, anchor, by: signedBy?.fingerprint }).toEqual({
      ok: true,
      anchor: "signature",
      by: fingerprint,
    });
  });

  it("B11 is only said to be there without the key, and anchors nothing", async () => {
    const { signedBy, anchor, ok, checks } = await verifyBundle(bundle);
    expect({ signedBy, anchor, ok }).toEqual({
      signedBy: { fingerprint, verified: false, ownMachine: true },
      anchor: "none",
      ok: true,
    });
    expect(checks.map(({ name }) => name)).not.toContain("signature");
  });

  it("B11 is not listed in the manifest, and missed by whoever brings the key", async () => {
    const { files } = JSON.parse(await readFile(path("manifest.json"), "utf8"));
    expect(files.map(({ name }: { name: string }) => name)).not.toContain("signature.json");
    await rm(path("signature.json"));
    expect(await verified()).toMatchObject({ ...failed, says: "There is no signature.json." });
    expect((await verifyBundle(bundle)).ok).toBe(true);
  });

  it("B11 W12 of a forged manifest fails, signed anew by another key, whatever it calls itself", async () => {
    const { key, fingerprint: ours } = JSON.parse(await readFile(path("signature.json"), "utf8"));
    const about = await forge();
    // The signature that was there is over other content, with or without the key.
    expect(await verified()).toMatchObject(failed);
    expect((await verifyBundle(bundle)).checks[0]).toMatchObject({
      name: "signature",
      passed: false,
    });
    const forger = another(key);
    await writeFile(path("signature.json"), await signBundle(forger.signer, about));
    expect(await verified()).toMatchObject(failed);
    // Only the forger's own key takes it.
    expect((await verifyBundle(bundle, { publicKey: forger.publicKey })).anchor).toBe("signature");
    await changed(() => ({ fingerprint: ours }));
    expect(await verified()).toMatchObject(failed);
  });

  const none = "signature.json is not a signature.";
  const others =
    /^It is not the signature of key [0-9a-f]{64}; the bundle names key [0-9a-f]{64}\.$/u;
  const of = (what: string) => new RegExp(`^What is signed is the ${what} [0-9a-f]{64}, and `, "u");
  it.each<[string, (signature: Signature) => Partial<Signature>, string | RegExp]>([
    ["other bytes", () => ({ signature: Buffer.alloc(70, 1).toString("base64") }), others],
    ["no bytes", () => ({ signature: "" }), others],
    ["another key's name", ({ key }) => ({ key: `${key}2` }), none],
    [
      "another key's name, signed text and all",
      ({ key, signed }) => ({ key: `${key}2`, signed: signed.replace(key, `${key}2`) }),
      others,
    ],
    ["another fingerprint", () => ({ fingerprint: "0".repeat(64) }), others],
    [
      "another manifest",
      ({ signed }) => ({ signed: signed.replace(/[0-9a-f]{64}/, "0".repeat(64)) }),
      of("manifest"),
    ],
    [
      "a longer log",
      ({ signed }) => ({ signed: signed.replace(/log \d+/, "log 1") }),
      of("audit log"),
    ],
    [
      "another log",
      ({ signed }) => ({
        signed: signed.replace(/(log \d+) [0-9a-f]{64}/, `$1 ${"0".repeat(64)}`),
      }),
      of("audit log"),
    ],
    ["another text", () => ({ signed: "wavegate bundle 1\n" }), none],
    ["more text", ({ signed }) => ({ signed: `${signed}\n` }), none],
    ["another algorithm", () => ({ algorithm: "none" as never }), none],
    ["another format", () => ({ format: 2 as never }), none],
    ["something beside it", () => ({ also: 1 }) as object, none],
  ])("B11 W12 with %s is a FAIL", async (_, change, says) => {
    await changed(change);
    const found = await verified();
    expect(found).toMatchObject(failed);
    expect(found.says).toMatch(says);
  });

  it.each(["", "{}", "null", "not json", "x".repeat(20_000)])(
    "B11 that reads %j is a FAIL",
    async (text) => {
      await writeFile(path("signature.json"), text.slice(0, 20_000));
      expect(await verified()).toMatchObject(failed);
      expect((await verifyBundle(bundle)).ok).toBe(false);
    },
  );

  it("B11 that is a link is a FAIL", async () => {
    await rm(path("signature.json"));
    await symlink(join(whole, "signature.json"), path("signature.json"));
    expect(await verified()).toMatchObject(failed);
  });

  it("B11 is never of a bundle whose manifest names it as a file", async () => {
    const manifest = JSON.parse(await readFile(path("manifest.json"), "utf8"));
    manifest.files.push({ ...manifest.files[0], name: "signature.json" });
    await writeFile(path("manifest.json"), JSON.stringify(manifest));
    const { ok, checks } = await verifyBundle(bundle);
    expect(ok).toBe(false);
    expect(checks.at(-1)?.message).toContain("names a file twice, itself, or its signature.");
  });

  it("B11 SignatureWrong: what its own key does not verify is not written, and the bundle not finished", async () => {
    const { services } = world.test;
    const signer = { ...services.signer, sign: async () => Buffer.alloc(70, 1) };
    const about = { manifest: manifestDigest, log: { entries: 1, head: "0".repeat(64) } };
    await expect(signBundle(signer, about)).rejects.toMatchObject({ name: "SignatureWrong" });
    expect(await readdir(whole)).toContain("signature.json");
  });

  it("B11 takes public keys on P-256 for keys, and nothing that is private", () => {
    const { privateKey, publicKey: half } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = generateKeyPairSync("ed25519").publicKey;
    const pem = (key: KeyObject, type: "spki" | "pkcs8") => key.export({ type, format: "pem" });
    expect(publicKeyIn(`${pem(half, "spki")}`)?.asymmetricKeyType).toBe("ec");
    for (const wrong of [
      pem(privateKey, "pkcs8"),
      pem(other, "spki"),
      "",
      "-----BEGIN PUBLIC KEY-----",
    ]) {
      expect(publicKeyIn(`${wrong}`)).toBeUndefined();
    }
  });
});
