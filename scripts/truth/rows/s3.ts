import { randomUUID } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type Aws, errorOf, type Row } from "../row.ts";

function clientOf({ objects }: Aws) {
  if (!objects) throw new Error("There is no bucket to ask.");
  return objects.client;
}

/** A key of its own for each row, in the bucket that was made for it. */
const place = (aws: Aws) => ({ Bucket: aws.scratch?.bucket ?? "", Key: `truth/${randomUUID()}` });

const put = (aws: Aws, at: ReturnType<typeof place>, Body: string, more: object = {}) =>
  clientOf(aws).send(new PutObjectCommand({ ...at, Body, ...more }));
const once = { IfNoneMatch: "*" };

const reading: readonly Row[] = [
  {
    asks: "ListObjectsV2 below a beginning that no key has",
    call: "ListObjectsV2",
    known: "documented",
    ask: async (aws) => {
      const { KeyCount, IsTruncated } = await clientOf(aws).send(
        new ListObjectsV2Command({ Bucket: aws.objects?.bucket, Prefix: "runs/there-is-none/" }),
      );
      return { KeyCount, IsTruncated };
    },
    answers: { KeyCount: 0, IsTruncated: false },
  },
  {
    asks: "GetObject of a key that is not there, as one who may list",
    call: "GetObject",
    known: "documented",
    ask: (aws) => {
      const Key = "runs/there-is-none/manifest.json";
      return clientOf(aws).send(new GetObjectCommand({ Bucket: aws.objects?.bucket, Key }));
    },
    answers: "NoSuchKey",
  },
  {
    asks: "HeadObject of a key that is not there, as one who may list",
    call: "HeadObject",
    known: "documented",
    ask: (aws) => {
      const Key = "runs/there-is-none/manifest.json";
      return clientOf(aws).send(new HeadObjectCommand({ Bucket: aws.objects?.bucket, Key }));
    },
    answers: "NotFound",
  },
];

const writing: readonly Row[] = [
  {
    asks: "PutObject twice with If-None-Match",
    call: "PutObject",
    known: "documented",
    ask: async (aws) => {
      const at = place(aws);
      const first = await put(aws, at, "one", once);
      return [typeof first.VersionId, await errorOf(put(aws, at, "one", once))];
    },
    answers: ["string", "PreconditionFailed"],
  },
  {
    asks: "PutObject with If-None-Match where a delete marker lies",
    call: "PutObject",
    known: "documented",
    ask: async (aws) => {
      const at = place(aws);
      await put(aws, at, "one");
      const { DeleteMarker } = await clientOf(aws).send(new DeleteObjectCommand(at));
      const read = await errorOf(clientOf(aws).send(new GetObjectCommand(at)));
      return { DeleteMarker, read, put: await errorOf(put(aws, at, "two", once)) };
    },
    answers: { DeleteMarker: true, read: "NoSuchKey", put: "no error" },
  },
  {
    asks: "a version below the one that is read, and one that is not there",
    call: "GetObject",
    known: "documented",
    ask: async (aws) => {
      const at = place(aws);
      const { VersionId } = await put(aws, at, "one");
      await put(aws, at, "two");
      const get = (id?: string) =>
        clientOf(aws)
          .send(new GetObjectCommand({ ...at, VersionId: id }))
          .then(({ Body }) => Body?.transformToString());
      await clientOf(aws).send(new DeleteObjectCommand(at));
      const marker = (
        await clientOf(aws).send(
          new ListObjectVersionsCommand({ Bucket: at.Bucket, Prefix: at.Key }),
        )
      ).DeleteMarkers?.[0]?.VersionId;
      return [await get(VersionId), await errorOf(get(marker)), await errorOf(get("no version"))];
    },
    answers: ["one", "MethodNotAllowed", "InvalidArgument"],
  },
  {
    asks: "PutObject with a SHA-256 that is not the bytes'",
    call: "PutObject",
    known: "documented",
    ask: (aws) => errorOf(put(aws, place(aws), "one", { ChecksumSHA256: `${"A".repeat(43)}=` })),
    answers: "BadDigest",
  },
  {
    asks: "DeleteObject of the one version of a key",
    call: "DeleteObject",
    known: "documented",
    ask: async (aws) => {
      const at = place(aws);
      const { VersionId } = await put(aws, at, "one");
      await clientOf(aws).send(new DeleteObjectCommand({ ...at, VersionId }));
      const left = await clientOf(aws).send(
        new ListObjectVersionsCommand({ Bucket: at.Bucket, Prefix: at.Key }),
      );
      return [left.Versions?.length ?? 0, left.DeleteMarkers?.length ?? 0];
    },
    answers: [0, 0],
  },
  {
    asks: "DeleteObjects of one version, of what lies there with its tag, with another's, and of what nobody has",
    call: "DeleteObjects",
    known: "documented",
    ask: async (aws) => {
      const { Bucket, Key } = place(aws);
      const key = (name: string) => ({ Bucket, Key: `${Key}-${name}` });
      const [version, tag] = [
        await put(aws, key("version"), "one"),
        await put(aws, key("tag"), "one"),
      ];
      await put(aws, key("other"), "two");
      const Objects = [
        { Key: key("version").Key, VersionId: version.VersionId },
        { Key: key("tag").Key, ETag: tag.ETag },
        { Key: key("other").Key, ETag: tag.ETag },
        { Key: key("none").Key, ETag: tag.ETag },
      ];
      const { Errors = [], Deleted = [] } = await clientOf(aws).send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      );
      return [Deleted.length, Errors.map((each) => each.Code).sort()];
    },
    answers: [0, ["NoSuchKey", "PreconditionFailed"]],
  },
  {
    asks: "a copy of an object to itself",
    call: "PutObject",
    known: "documented",
    ask: async (aws) => {
      const at = place(aws);
      await put(aws, at, "one");
      const CopySource = `${at.Bucket}/${at.Key}`;
      return errorOf(clientOf(aws).send(new CopyObjectCommand({ ...at, CopySource })));
    },
    answers: "InvalidRequest",
  },
  {
    asks: "an upload in parts, completed twice",
    call: "CompleteMultipartUpload",
    known: "recorded",
    ask: async (aws) => {
      const { finish } = await uploadOf(aws, place(aws));
      const first = await finish();
      const again = await finish();
      return [first.ETag?.endsWith('-1"'), again.VersionId === first.VersionId];
    },
    answers: [true, true],
  },
  {
    asks: "an upload in parts with If-None-Match, where an object lies by then",
    call: "CompleteMultipartUpload",
    known: "documented",
    ask: async (aws) => {
      const at = place(aws);
      const { finish } = await uploadOf(aws, at);
      await put(aws, at, "first");
      return errorOf(finish(once));
    },
    answers: "PreconditionFailed",
  },
  {
    asks: "a part of an upload that was given up",
    call: "AbortMultipartUpload",
    known: "documented",
    ask: async (aws) => {
      const at = place(aws);
      const { id, part } = await uploadOf(aws, at);
      await clientOf(aws).send(new AbortMultipartUploadCommand({ ...at, ...id }));
      return errorOf(part());
    },
    answers: "NoSuchUpload",
  },
  {
    asks: "a part that does not hold its checksum",
    call: "UploadPart",
    known: "documented",
    ask: async (aws) => {
      const { part } = await uploadOf(aws, place(aws));
      return errorOf(part({ ChecksumCRC32: "AAAAAA==" }));
    },
    answers: "BadDigest",
  },
  {
    asks: "an upload in parts is begun with the checksum that the SDK sends",
    call: "CreateMultipartUpload",
    known: "documented",
    ask: async (aws) => {
      const { ChecksumAlgorithm } = (await uploadOf(aws, place(aws))).begun;
      return ChecksumAlgorithm;
    },
    answers: "CRC32",
  },
];

/** An upload of one part that is begun and has it. */
async function uploadOf(aws: Aws, at: ReturnType<typeof place>) {
  const client = clientOf(aws);
  const ChecksumAlgorithm = "CRC32";
  const begun = await client.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm }));
  const id = { UploadId: begun.UploadId };
  const one = { ...at, ...id, PartNumber: 1, Body: "one" };
  const part = (more: object = { ChecksumAlgorithm }) =>
    client.send(new UploadPartCommand({ ...one, ...more }));
  const { ETag, ChecksumCRC32 } = await part();
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
  const finish = (more: object = {}) =>
    client.send(new CompleteMultipartUploadCommand({ ...at, ...id, MultipartUpload, ...more }));
  return { begun, id, part, finish };
}

export const s3: readonly Row[] = [
  ...reading.map((row): Row => ({ ...row, needs: "objects" })),
  ...writing.map((row): Row => ({ ...row, needs: "scratch bucket" })),
];
