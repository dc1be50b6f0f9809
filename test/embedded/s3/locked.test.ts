import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { errorName, startStore, type TestStore } from "./fixtures.ts";

const evidence = { Bucket: "box", Key: "runs/ecoin-1/audit/0001/summary.json" };

const textOf = async ({ s3 }: TestStore, Key: string): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket: "box", Key }))).Body?.transformToString();

/** Every way to put other bytes in the place of an object, or nothing. */
const attacks: Record<string, (store: TestStore, Key: string) => Promise<unknown>> = {
  PutObject: ({ s3 }, Key) => s3.send(new PutObjectCommand({ Bucket: "box", Key, Body: "forged" })),
  "PutObject with the ETag it knows": async ({ s3 }, Key) => {
    const { ETag } = await s3.send(new GetObjectCommand({ Bucket: "box", Key }));
    return s3.send(new PutObjectCommand({ Bucket: "box", Key, Body: "forged", IfMatch: ETag }));
  },
  "a multipart upload": async ({ s3 }, Key) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: "box", Key }));
    const part = { Bucket: "box", Key, UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: "forged" }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    return s3.send(
      new CompleteMultipartUploadCommand({ Bucket: "box", Key, UploadId, MultipartUpload }),
    );
  },
  DeleteObject: ({ s3 }, Key) => s3.send(new DeleteObjectCommand({ Bucket: "box", Key })),
  DeleteObjects: async ({ s3 }, Key) => {
    const Delete = { Objects: [{ Key }, { Key: "scratch/other" }] };
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: "box", Delete }));
    expect(Errors.map((error) => error.Key)).toEqual([Key]);
    throw Object.assign(new Error(), { name: Errors[0]?.Code });
  },
};

describe("objects under a lock", () => {
  it.each(Object.entries(attacks))(
    "W12 W8 %s neither replaces nor removes what lies below runs/",
    async (_name, attack) => {
      const store = await startStore({ locked: ["runs/"] });
      await store.s3.send(new PutObjectCommand({ ...evidence, Body: "signed" }));
      expect(await errorName(attack(store, evidence.Key))).toBe("AccessDenied");
      expect(await textOf(store, evidence.Key)).toBe("signed");
    },
  );

  it("W12 what is new is stored, an upload that was begun before too, and a condition is answered first", async () => {
    const store = await startStore({ locked: ["runs/"] });
    await store.s3.send(new PutObjectCommand({ ...evidence, Body: "signed", IfNoneMatch: "*" }));
    const again = new PutObjectCommand({ ...evidence, Body: "forged", IfNoneMatch: "*" });
    expect(await errorName(store.s3.send(again))).toBe("PreconditionFailed");
    expect(await textOf(store, evidence.Key)).toBe("signed");
  });

  it("W3 the very same bytes may be written again, which changes nothing", async () => {
    const store = await startStore({ locked: ["runs/"] });
    const first = await store.s3.send(new PutObjectCommand({ ...evidence, Body: "signed" }));
    const again = await store.s3.send(new PutObjectCommand({ ...evidence, Body: "signed" }));
    expect(again.ETag).toBe(first.ETag);
    expect(await textOf(store, evidence.Key)).toBe("signed");
  });

  it("elsewhere objects are replaced and removed as ever, also beside a locked beginning", async () => {
    const store = await startStore({ locked: ["runs/"] });
    for (const Key of ["scratch/runs/x", "runs", "runsheet"]) {
      await store.s3.send(new PutObjectCommand({ Bucket: "box", Key, Body: "first" }));
      await store.s3.send(new PutObjectCommand({ Bucket: "box", Key, Body: "second" }));
      expect(await textOf(store, Key)).toBe("second");
      await store.s3.send(new DeleteObjectCommand({ Bucket: "box", Key }));
      expect(await errorName(textOf(store, Key))).toBe("NoSuchKey");
    }
  });
});
