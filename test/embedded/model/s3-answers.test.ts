import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownOperations } from "../../../lib/embedded/s3/routes.ts";
import { type S3Service, startS3Service } from "../../../lib/embedded/s3/service.ts";
import { hasModels, type ModelShape, ServiceModel } from "./botocore.ts";

/** An element of an answer: its children, or its text. */
interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  readonly text: string;
}

/** Reads the plain XML that the store writes: no comments, no CDATA. */
function parseXml(xml: string): Element {
  const open: { name: string; children: Element[]; text: string }[] = [
    { name: "", children: [], text: "" },
  ];
  const into = () => open.at(-1) as { children: Element[] };
  for (const [, closing, name = "", empty, text = ""] of xml.matchAll(
    /<(\/?)([\w:]+)[^<>]*?(\/?)>([^<]*)/gu,
  )) {
    if (closing) {
      const done = open.pop() as Element;
      expect(done.name).toBe(name);
      into().children.push(done);
    } else if (empty) into().children.push({ name, children: [], text: "" });
    else open.push({ name, children: [], text });
  }
  expect(open).toHaveLength(1);
  return open[0]?.children[0] as Element;
}

const isOf: Readonly<Record<string, RegExp>> = {
  integer: /^-?\d+$/,
  long: /^-?\d+$/,
  boolean: /^(?:true|false)$/,
  timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

/** Elements that the model does not have at this place, and texts of another type. */
function strange(element: Element, shape: ModelShape, model: ServiceModel, at: string): string[] {
  if (shape.type !== "structure") {
    const wrong =
      element.children.length > 0 || isOf[shape.type]?.test(element.text) === false
        ? [`${at} is no ${shape.type}: ${element.text}`]
        : [];
    // Words come to be: what the store says has to be one of them.
    return shape.enum === undefined || shape.enum.includes(element.text)
      ? wrong
      : [`${at} says ${element.text}`];
  }
  const members = Object.entries(shape.members ?? {});
  return element.children.flatMap((child) => {
    const found = members.find(([name, member]) => {
      const inner = model.shape(member.shape);
      const flat = inner.type === "list" && inner.flattened === true;
      const own = member.locationName ?? (flat ? (inner.member?.locationName ?? name) : name);
      return own === child.name && member.location === undefined;
    });
    if (found === undefined) return [`${at}.${child.name}`];
    const inner = model.shape(found[1].shape);
    const here = `${at}.${found[0]}`;
    if (inner.type !== "list" || inner.member === undefined)
      return strange(child, inner, model, here);
    const of = model.shape(inner.member.shape);
    if (inner.flattened === true) return strange(child, of, model, here);
    return child.children.flatMap((item) =>
      item.name === (inner.member?.locationName ?? "member")
        ? strange(item, of, model, here)
        : [`${here}[${item.name}]`],
    );
  });
}

/** What the store knows that Debian's models, which are older, do not. */
const CAME_LATER =
  /\.Checksum(?:Type|CRC64NVME)$|^Headers of \w+: x-amz-(?:checksum-type|bucket-region)$|^\w+\.(?:Prefix|ContinuationToken)$/u;

describe.runIf(hasModels)("W2 the object store answers in the shapes of AWS's own model", () => {
  let folder: string;
  let s3: S3Service;
  const model = hasModels ? new ServiceModel("s3/2006-03-01") : (undefined as never);
  const looked = new Map<string, string[]>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wavegate-answers-"));
    s3 = await startS3Service({
      directory: folder,
      buckets: ["bucket"],
      authenticate: async () => "tester",
      locked: ["runs/"],
    });
  });
  afterAll(async () => {
    await s3.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Asks, and holds the answer against the output of the operation. */
  async function ask(operation: string, method: string, path: string, options: RequestInit = {}) {
    const response = await fetch(`${s3.url}${path}`, { method, ...options });
    const text = await response.text();
    const output = model.output(operation);
    const members = Object.entries(output?.members ?? {});
    const found: string[] = [];
    const headers = members.flatMap(([, { location, locationName }]) =>
      location === "header" && locationName ? [locationName.toLowerCase()] : [],
    );
    for (const [name] of response.headers) {
      const isOwn = name.startsWith("x-amz-") && !["x-amz-request-id", "x-amz-id-2"].includes(name);
      if (isOwn && !headers.includes(name) && !name.startsWith("x-amz-meta-"))
        found.push(`Headers of ${operation}: ${name}`);
    }
    if (text.startsWith("<?xml")) {
      const root = parseXml(text.slice(text.indexOf("?>") + 2));
      if (response.status < 300) {
        const payload = members.find(([name]) => name === root.name && name.endsWith("Result"));
        const shape = payload ? model.shape(payload[1].shape) : (output as ModelShape);
        found.push(...strange(root, shape, model, operation));
      } else {
        expect(root.name).toBe("Error");
        expect(root.children.map(({ name }) => name)).toEqual(
          expect.arrayContaining(["Code", "Message", "RequestId"]),
        );
      }
    }
    looked.set(operation, [
      ...(looked.get(operation) ?? []),
      ...found.filter((each) => !CAME_LATER.test(each)),
    ]);
    return { response, text };
  }
  const first = (text: string, name: string) =>
    new RegExp(`<${name}>([^<]*)</${name}>`, "u").exec(text)?.[1] ?? "";

  it("in every operation, with versions, markers, prefixes, copies, parts and refusals", async () => {
    const keys = ["a.txt", "deep/b ä&<.txt", "runs/one", "run s/+"];
    for (const key of keys) {
      await ask("PutObject", "PUT", `/bucket/${encodeURIComponent(key)}`, {
        body: "x".repeat(10),
        headers: {
          "x-amz-meta-of": "them",
          "content-type": "text/plain",
          "x-amz-sdk-checksum-algorithm": "CRC32",
        },
      });
    }
    await ask("CopyObject", "PUT", "/bucket/copy", {
      headers: { "x-amz-copy-source": "bucket/a.txt" },
    });
    await ask("GetObject", "GET", "/bucket/a.txt", {
      headers: { range: "bytes=1-2", "x-amz-checksum-mode": "ENABLED" },
    });
    await ask("HeadObject", "HEAD", "/bucket/a.txt", {
      headers: { "x-amz-checksum-mode": "ENABLED" },
    });
    await ask("GetObject", "GET", "/bucket/nothing");
    await ask("GetObject", "GET", "/bucket/a.txt?versionId=bogus");
    await ask("GetObject", "GET", "/bucket/a.txt", { headers: { range: "bytes=99-" } });
    await ask("GetObjectTagging", "GET", "/bucket/a.txt?tagging");
    await ask("DeleteObject", "DELETE", "/bucket/a.txt");
    await ask("GetObject", "GET", "/bucket/a.txt");
    const deletion =
      "<Delete><Object><Key>copy</Key></Object><Object><Key>a.txt</Key><VersionId>bogus</VersionId></Object></Delete>";
    await ask("DeleteObjects", "POST", "/bucket?delete", { body: deletion });
    for (const query of [
      "",
      "&delimiter=/",
      "&max-keys=1",
      "&prefix=deep/&fetch-owner=true",
      "&encoding-type=url",
      "&start-after=b",
    ]) {
      await ask("ListObjectsV2", "GET", `/bucket?list-type=2${query}`);
      await ask(
        "ListObjects",
        "GET",
        `/bucket?${query.replace("&fetch-owner=true", "").replace("start-after", "marker").slice(1)}`,
      );
    }
    const { text: page } = await ask("ListObjectsV2", "GET", "/bucket?list-type=2&max-keys=1");
    const token = encodeURIComponent(first(page, "NextContinuationToken"));
    await ask("ListObjectsV2", "GET", `/bucket?list-type=2&continuation-token=${token}`);
    for (const query of ["", "&max-keys=1", "&delimiter=/", "&encoding-type=url"])
      await ask("ListObjectVersions", "GET", `/bucket?versions${query}`);
    await ask("ListBuckets", "GET", "/");
    await ask("GetBucketVersioning", "GET", "/bucket?versioning");
    await ask("HeadBucket", "HEAD", "/bucket");
    await ask("ListObjectsV2", "GET", "/nothing?list-type=2");
    const { text: begun } = await ask("CreateMultipartUpload", "POST", "/bucket/parts?uploads");
    const upload = first(begun, "UploadId");
    const part = async (n: number, options: RequestInit, operation = "UploadPart") =>
      ask(operation, "PUT", `/bucket/parts?partNumber=${n}&uploadId=${upload}`, options);
    const one = await part(1, { body: "y".repeat(5 * 1024 * 1024) });
    const copied = await part(
      2,
      { headers: { "x-amz-copy-source": "bucket/runs/one" } },
      "UploadPartCopy",
    );
    await ask("ListParts", "GET", `/bucket/parts?uploadId=${upload}&max-parts=1`);
    const parts = [
      one.response.headers.get("etag"),
      first(copied.text, "ETag").replaceAll("&quot;", '"'),
    ];
    const list = parts.map(
      (etag, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
    const completed = await ask(
      "CompleteMultipartUpload",
      "POST",
      `/bucket/parts?uploadId=${upload}`,
      { body },
    );
    expect(completed.response.status).toBe(200);
    await ask("CompleteMultipartUpload", "POST", `/bucket/parts?uploadId=${upload}`, { body });
    await ask("AbortMultipartUpload", "DELETE", `/bucket/parts?uploadId=${upload}`);
    await ask("CreateBucket", "PUT", "/another");
    await ask("DeleteBucket", "DELETE", "/bucket");
    expect(Object.fromEntries(looked)).toEqual(
      Object.fromEntries([...looked.keys()].map((operation) => [operation, []])),
    );
    // Of these two the answer is one word, or nothing.
    expect(Object.keys(knownOperations).filter((each) => !looked.has(each))).toEqual([
      "GetBucketLocation",
      "PutBucketVersioning",
    ]);
  });
});
