import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { startS3Service } from "../../../lib/embedded/s3/service.ts";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

const k = { Bucket: "box", Key: "dir/k" };

const put = async ({ s3 }: TestStore, Body: string, at = k): Promise<string> =>
  (await s3.send(new PutObjectCommand({ ...at, Body }))).VersionId ?? "";

const get = async ({ s3 }: TestStore, VersionId?: string, at = k): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ ...at, VersionId }))).Body?.transformToString();

/** Versions and markers of the bucket, as `key id latest`, markers with a cross. */
async function all({ s3 }: TestStore, names: Record<string, string>): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: "box" }),
  );
  const say = ({ Key, VersionId = "", IsLatest }: (typeof DeleteMarkers)[number], kind: string) =>
    `${kind}${Key} ${names[VersionId] ?? VersionId}${IsLatest ? " latest" : ""}`;
  return [
    ...Versions.map((one) => say(one, "")),
    ...DeleteMarkers.map((one) => say(one, "✗ ")),
  ].sort();
}

describe("W12 versions", () => {
  it("are kept of everything that is overwritten, and told in every answer", async () => {
    const store = await startStore();
    const first = await put(store, "one");
    const second = await put(store, "two");
    expect(first).toMatch(/^[A-Za-z0-9._-]{32}$/);
    expect(second).not.toBe(first);
    expect(await get(store)).toBe("two");
    expect(await get(store, first)).toBe("one");
    expect(await get(store, second)).toBe("two");
    const head = await store.s3.send(new HeadObjectCommand({ ...k, VersionId: first }));
    expect([head.VersionId, head.ContentLength]).toEqual([first, 3]);
    expect((await store.s3.send(new HeadObjectCommand(k))).VersionId).toBe(second);
    const { Status } = await store.s3.send(new GetBucketVersioningCommand({ Bucket: "box" }));
    expect(Status).toBe("Enabled");
    expect(await all(store, { [first]: "1", [second]: "2" })).toEqual([
      "dir/k 1",
      "dir/k 2 latest",
    ]);
    const listed = await store.s3.send(new ListObjectsV2Command({ Bucket: "box" }));
    expect(listed.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([["dir/k", 3]]);
  });

  it("lie below a delete marker, which answers as one, and goes by its own id", async () => {
    const store = await startStore();
    const { s3 } = store;
    const first = await put(store, "one");
    const deleted = await s3.send(new DeleteObjectCommand(k));
    expect(deleted.DeleteMarker).toBe(true);
    const marker = deleted.VersionId ?? "";
    expect(await errorName(get(store))).toBe("NoSuchKey");
    await expect(s3.send(new GetObjectCommand(k))).rejects.toMatchObject({
      $response: { headers: { "x-amz-delete-marker": "true", "x-amz-version-id": marker } },
    });
    expect(await errorName(s3.send(new HeadObjectCommand(k)))).toBe("NotFound");
    await expect(s3.send(new GetObjectCommand({ ...k, VersionId: marker }))).rejects.toMatchObject({
      name: "MethodNotAllowed",
      $response: { headers: { "x-amz-delete-marker": "true", allow: "DELETE" } },
    });
    expect(await get(store, first)).toBe("one");
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: "box", Delimiter: "/" }));
    expect([listed.KeyCount, listed.CommonPrefixes]).toEqual([0, undefined]);
    expect(await all(store, { [first]: "1", [marker]: "2" })).toEqual([
      "dir/k 1",
      "✗ dir/k 2 latest",
    ]);
    const gone = await s3.send(new DeleteObjectCommand({ ...k, VersionId: marker }));
    expect([gone.DeleteMarker, gone.VersionId]).toEqual([true, marker]);
    expect(await get(store)).toBe("one");
  });

  it("make way for the one before when the latest is removed by its id", async () => {
    const store = await startStore();
    const { s3, directory } = store;
    const [first, second, third] = [
      await put(store, "one"),
      await put(store, "two"),
      await put(store, "three"),
    ];
    const names = { [first]: "1", [second]: "2", [third]: "3" };
    await s3.send(new DeleteObjectCommand({ ...k, VersionId: second }));
    expect(await all(store, names)).toEqual(["dir/k 1", "dir/k 3 latest"]);
    const gone = await s3.send(new DeleteObjectCommand({ ...k, VersionId: third }));
    expect([gone.DeleteMarker, gone.VersionId]).toEqual([undefined, third]);
    expect(await get(store)).toBe("one");
    expect(await readFile(join(directory, "box/dir/k"), "utf8")).toBe("one");
    await s3.send(new DeleteObjectCommand({ ...k, VersionId: first }));
    expect(await all(store, names)).toEqual([]);
    expect(await errorName(get(store))).toBe("NoSuchKey");
    const box = join(directory, ".s3/box");
    for (const folder of ["index", "versions", "data", "incoming"]) {
      expect(await readdir(join(box, folder))).toEqual([]);
    }
    expect(await readdir(join(directory, "box"))).toEqual([]);
  });

  it("of several markers the latest counts, and an object put on top of them is new", async () => {
    const store = await startStore();
    const { s3 } = store;
    const first = await put(store, "one");
    const markers = [];
    for (let n = 0; n < 2; n++) {
      markers.push((await s3.send(new DeleteObjectCommand(k))).VersionId ?? "");
    }
    const [under = "", over = ""] = markers;
    // If-None-Match holds where a marker is the latest, as on AWS.
    const again = await s3.send(new PutObjectCommand({ ...k, Body: "two", IfNoneMatch: "*" }));
    const second = again.VersionId ?? "";
    const names = { [first]: "1", [under]: "2", [over]: "3", [second]: "4" };
    expect(await all(store, names)).toEqual([
      "dir/k 1",
      "dir/k 4 latest",
      "✗ dir/k 2",
      "✗ dir/k 3",
    ]);
    await s3.send(new DeleteObjectCommand({ ...k, VersionId: second }));
    expect(await errorName(get(store))).toBe("NoSuchKey");
    await s3.send(new DeleteObjectCommand({ ...k, VersionId: over }));
    expect(await errorName(get(store))).toBe("NoSuchKey");
    await s3.send(new DeleteObjectCommand({ ...k, VersionId: under }));
    expect(await get(store)).toBe("one");
    expect(await all(store, names)).toEqual(["dir/k 1 latest"]);
  });

  it("that are not there are said so; removing one is fine; an id that is none is refused", async () => {
    const store = await startStore();
    const { s3 } = store;
    const first = await put(store, "one");
    const missing = { ...k, VersionId: "x".repeat(32) };
    expect(await errorName(s3.send(new GetObjectCommand(missing)))).toBe("NoSuchVersion");
    expect(await errorName(s3.send(new HeadObjectCommand(missing)))).toBe("NotFound");
    expect(await errorName(s3.send(new DeleteObjectCommand(missing)))).toBe("no error");
    for (const VersionId of ["short", "x".repeat(33), "../../people"]) {
      const wrong = { ...k, VersionId };
      const copied = { ...k, CopySource: `box/dir/k?versionId=${VersionId}` };
      const names = await Promise.all([
        errorName(s3.send(new GetObjectCommand(wrong))),
        errorName(s3.send(new DeleteObjectCommand(wrong))),
        errorName(s3.send(new CopyObjectCommand(copied))),
      ]);
      expect(names).toEqual(["InvalidArgument", "InvalidArgument", "InvalidArgument"]);
    }
    const nowhere = await s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "never" }));
    expect(nowhere.DeleteMarker).toBe(true);
    expect(await get(store, first)).toBe("one");
  });

  it("are deleted many at once, each answered for itself", async () => {
    const store = await startStore();
    const { s3 } = store;
    const first = await put(store, "one");
    await put(store, "two");
    const { Deleted = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: "box",
        Delete: { Objects: [{ Key: k.Key, VersionId: first }, { Key: k.Key }] },
      }),
    );
    const marker = Deleted[1]?.DeleteMarkerVersionId;
    expect(Deleted).toEqual([
      { Key: k.Key, VersionId: first },
      { Key: k.Key, DeleteMarker: true, DeleteMarkerVersionId: marker },
    ]);
    const undone = await s3.send(
      new DeleteObjectsCommand({
        Bucket: "box",
        Delete: { Objects: [{ Key: k.Key, VersionId: marker }] },
      }),
    );
    expect(undone.Deleted).toEqual([
      { Key: k.Key, VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
    ]);
    expect(await get(store)).toBe("two");
  });

  it("are listed in pages of any size, each version once", async () => {
    const store = await startStore();
    const { s3 } = store;
    const expected: string[] = [];
    for (const Key of ["a/1", "a/2", "b", "c/ü 1", "c/2"]) {
      const ids = [await put(store, "1", { ...k, Key }), await put(store, "2", { ...k, Key })];
      if (Key !== "b") {
        ids.push((await s3.send(new DeleteObjectCommand({ ...k, Key }))).VersionId ?? "");
      }
      expected.push(...ids.map((id) => `${Key} ${id}`));
    }
    for (const MaxKeys of [1, 2, 3, 5, 14, 1000]) {
      const seen: string[] = [];
      let marker: { KeyMarker?: string; VersionIdMarker?: string } = {};
      for (let more = true; more; ) {
        const page = await s3.send(
          new ListObjectVersionsCommand({ Bucket: "box", MaxKeys, EncodingType: "url", ...marker }),
        );
        const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
        expect(found.length).toBeLessThanOrEqual(MaxKeys);
        seen.push(...found.map((one) => `${decodeURIComponent(one.Key ?? "")} ${one.VersionId}`));
        more = page.IsTruncated ?? false;
        const { NextKeyMarker = "", NextVersionIdMarker } = page;
        marker = {
          KeyMarker: decodeURIComponent(NextKeyMarker),
          ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }),
        };
      }
      expect([MaxKeys, seen.sort()]).toEqual([MaxKeys, [...expected].sort()]);
    }
    const tops = await s3.send(
      new ListObjectVersionsCommand({ Bucket: "box", Delimiter: "/", MaxKeys: 2 }),
    );
    expect(tops.CommonPrefixes).toEqual([{ Prefix: "a/" }]);
    expect(tops.Versions?.map(({ Key }) => Key)).toEqual(["b"]);
    const further = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: "box",
        Delimiter: "/",
        KeyMarker: "a/",
        Prefix: "",
      }),
    );
    expect(further.CommonPrefixes).toEqual([{ Prefix: "c/" }]);
    const lone = new ListObjectVersionsCommand({ Bucket: "box", VersionIdMarker: "x".repeat(32) });
    expect(await errorName(s3.send(lone))).toBe("InvalidArgument");
  });

  it("are no keys of an ordinary listing, nor counted in its pages", async () => {
    const store = await startStore();
    const { s3 } = store;
    for (let n = 0; n < 6; n++) {
      const at = { ...k, Key: `many/${n}` };
      await put(store, "x", at);
      await put(store, "y", at);
      if (n % 2) await s3.send(new DeleteObjectCommand(at));
    }
    const pages: (string | undefined)[][] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket: "box" },
    )) {
      pages.push(Contents.map(({ Key }) => Key));
    }
    expect(pages).toEqual([["many/0", "many/2"], ["many/4"]]);
  });

  it("are what an upload in parts makes, once, also when its completion is sent again after another", async () => {
    const store = await startStore();
    const { s3 } = store;
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(k));
    await put(store, "source", { ...k, Key: "source" });
    const { CopyPartResult } = await s3.send(
      new UploadPartCopyCommand({ ...k, UploadId, PartNumber: 1, CopySource: "box/source" }),
    );
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
    const complete = () =>
      s3.send(new CompleteMultipartUploadCommand({ ...k, UploadId, MultipartUpload }));
    const done = await complete();
    await put(store, "later");
    expect((await complete()).VersionId).toBe(done.VersionId);
    expect(await get(store)).toBe("later");
    expect(await get(store, done.VersionId)).toBe("source");
  });

  it("two services on one folder lose none that was acknowledged", async () => {
    const store = await startStore();
    const { directory, identities, client } = store;
    const second = await startS3Service({
      directory,
      buckets: [],
      authenticate: identities.authenticate,
    });
    const other = client({ endpoint: second.url });
    const bodies = Array.from({ length: 24 }, (_, n) => `body ${n}`);
    const ids = await Promise.all(
      bodies.map(async (Body, n) => {
        const answer = await (n % 2 ? store.s3 : other).send(new PutObjectCommand({ ...k, Body }));
        return answer.VersionId;
      }),
    );
    expect(await Promise.all(ids.map((id) => get(store, id)))).toEqual(bodies);
    other.destroy();
    await second.close();
  });

  it("of a folder from before there were any count as the version null", async () => {
    const store = await startStore();
    const { s3, directory } = store;
    await put(store, "old");
    const box = join(directory, ".s3/box");
    const [name = ""] = await readdir(join(box, "index"));
    const record = JSON.parse(await readFile(join(box, "index", name), "utf8"));
    const { version: _, number: __, ...before } = record;
    await writeFile(join(box, "index", name), JSON.stringify(before));
    await rm(join(box, "versions"), { recursive: true });
    const again = await startS3Service({
      directory,
      buckets: [],
      authenticate: store.identities.authenticate,
    });
    expect(await get(store, "null")).toBe("old");
    const second = await put(store, "new");
    expect(await all(store, { [second]: "1" })).toEqual(["dir/k 1 latest", "dir/k null"]);
    await s3.send(new DeleteObjectCommand({ ...k, VersionId: second }));
    expect(await get(store)).toBe("old");
    await again.close();
  });
});

describe("W12 buckets", () => {
  it("go when no version of anything is left in them, and not before", async () => {
    const store = await startStore();
    const { s3, directory } = store;
    const gone = () => s3.send(new DeleteBucketCommand({ Bucket: "box" }));
    const VersionId = await put(store, "one");
    const marker = await s3.send(new DeleteObjectCommand(k));
    expect(await errorName(gone())).toBe("BucketNotEmpty");
    await s3.send(new DeleteObjectCommand({ ...k, VersionId }));
    expect(await errorName(gone())).toBe("BucketNotEmpty");
    await s3.send(new DeleteObjectCommand({ ...k, VersionId: marker.VersionId }));
    expect(await errorName(gone())).toBe("no error");
    expect(await errorName(gone())).toBe("NoSuchBucket");
    expect(await errorName(put(store, "two"))).toBe("NoSuchBucket");
    expect(await readdir(directory)).toEqual([".s3"]);
    await s3.send(new CreateBucketCommand({ Bucket: "box" }));
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket: "box",
        VersioningConfiguration: { Status: "Enabled" },
      }),
    );
    await put(store, "two");
    expect(await get(store)).toBe("two");
  });
});

describe("W12 copies", () => {
  it("are made of a version, which is how an earlier one is put on top again", async () => {
    const store = await startStore();
    const { s3 } = store;
    const first = await put(store, "one");
    const second = await put(store, "two");
    const itself = new CopyObjectCommand({ ...k, CopySource: "box/dir/k" });
    expect(await errorName(s3.send(itself))).toBe("InvalidRequest");
    const copied = await s3.send(
      new CopyObjectCommand({ ...k, CopySource: `box/dir/k?versionId=${first}` }),
    );
    expect(copied.CopySourceVersionId).toBe(first);
    expect([first, second]).not.toContain(copied.VersionId);
    expect(await get(store)).toBe("one");
    const marker = await s3.send(new DeleteObjectCommand(k));
    const ofNothing = new CopyObjectCommand({ ...k, Key: "c", CopySource: "box/dir/k" });
    expect(await errorName(s3.send(ofNothing))).toBe("NoSuchKey");
    const ofMarker = `box/dir/k?versionId=${marker.VersionId}`;
    expect(
      await errorName(s3.send(new CopyObjectCommand({ ...k, Key: "c", CopySource: ofMarker }))),
    ).toBe("InvalidRequest");
    for (const CopySource of ["box", "box/", "/"]) {
      const senseless = new CopyObjectCommand({ ...k, Key: "c", CopySource });
      expect([CopySource, await errorName(s3.send(senseless))]).toEqual([
        CopySource,
        "InvalidArgument",
      ]);
    }
  });

  it("find no tags on an object or a version, which clients ask for before they copy in parts", async () => {
    const store = await startStore();
    const first = await put(store, "one");
    const second = await put(store, "two");
    const tags = (VersionId?: string) =>
      store.s3.send(new GetObjectTaggingCommand({ ...k, VersionId }));
    expect(await tags()).toMatchObject({ TagSet: [], VersionId: second });
    expect(await tags(first)).toMatchObject({ TagSet: [], VersionId: first });
    expect(await errorName(tags("x".repeat(32)))).toBe("NoSuchVersion");
  });

  it("hold the conditions on their source", async () => {
    const store = await startStore();
    const { s3 } = store;
    const { ETag } = await s3.send(new PutObjectCommand({ ...k, Body: "one" }));
    const copy = (conditions: object) =>
      errorName(
        s3.send(
          new CopyObjectCommand({ ...k, Key: "copy", CopySource: "box/dir/k", ...conditions }),
        ),
      );
    expect(await copy({ CopySourceIfMatch: ETag })).toBe("no error");
    expect(await copy({ CopySourceIfMatch: '"other"' })).toBe("PreconditionFailed");
    expect(await copy({ CopySourceIfNoneMatch: ETag })).toBe("PreconditionFailed");
    expect(await copy({ CopySourceIfModifiedSince: new Date(Date.now() + 86_400_000) })).toBe(
      "PreconditionFailed",
    );
    expect(await copy({ CopySourceIfUnmodifiedSince: new Date(0) })).toBe("PreconditionFailed");
  });

  it("of parts put an object together from stretches of others, with checksums", async () => {
    const store = await startStore();
    const { s3 } = store;
    const body = randomBytes(6_000_000);
    const source = await s3.send(new PutObjectCommand({ Bucket: "box", Key: "s ü", Body: body }));
    await put(store, "short now", { Bucket: "box", Key: "s ü" });
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ ...k, ChecksumAlgorithm: "SHA256" }),
    );
    const CopySource = `box/${encodeURIComponent("s ü")}?versionId=${source.VersionId}`;
    const part = (PartNumber: number, CopySourceRange?: string) =>
      s3.send(
        new UploadPartCopyCommand({ ...k, UploadId, PartNumber, CopySource, CopySourceRange }),
      );
    const parts = [await part(1), await part(2, "bytes=10-19")];
    expect(parts[0]?.CopySourceVersionId).toBe(source.VersionId);
    const Parts = parts.map(({ CopyPartResult }, at) => ({
      PartNumber: at + 1,
      ETag: CopyPartResult?.ETag,
      ChecksumSHA256: CopyPartResult?.ChecksumSHA256,
    }));
    expect(Parts[1]?.ChecksumSHA256).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    for (const range of ["bytes=0-6000000", "bytes=5-4", "bytes=0-", "0-5"]) {
      expect([range, await errorName(part(3, range))]).toEqual([range, "InvalidArgument"]);
    }
    expect(await errorName(part(0))).toBe("InvalidArgument");
    await s3.send(
      new CompleteMultipartUploadCommand({ ...k, UploadId, MultipartUpload: { Parts } }),
    );
    const got = await s3.send(new GetObjectCommand(k));
    const whole = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(whole.equals(Buffer.concat([body, body.subarray(10, 20)]))).toBe(true);
    const gone = new UploadPartCopyCommand({ ...k, UploadId, PartNumber: 1, CopySource });
    expect(await errorName(s3.send(gone))).toBe("NoSuchUpload");
  });
});
