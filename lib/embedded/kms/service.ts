import { randomUUID, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Authenticate } from "../identity/identities.ts";
import { closeServer, listenOnLoopback } from "../identity/loopback.ts";
import { violationOf } from "../model/check.ts";
import { boolean, list, oneOf, type Structure, string, structure } from "../model/shapes.ts";
import { invalid, KmsRefused } from "./errors.ts";
import { type SigningKey, signingKeyAt } from "./key.ts";

/** What the key service needs to run. */
interface KmsServiceOptions {
  /** Where the one key is kept; made at its first use. */
  readonly file: string;
  readonly keyArn: string;
  readonly authenticate: Authenticate;
  /** Refuses what a caller may not do, by throwing. */
  readonly authorize: (caller: string, operation: string) => void;
  /** 0 (the default): any free one. */
  readonly port?: number;
  /** Told of faults of the stand-in itself. */
  readonly onFault?: (error: unknown) => void;
}

/** A running key service. */
interface KmsService {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL_KMS`. */
  readonly url: string;
  close(): Promise<void>;
}

/** KMS signs messages of 4 KiB at most; base64 and the rest of the request come on top. */
const LARGEST_MESSAGE = 4096;
const LARGEST_REQUEST = 16 * 1024;

const ALGORITHM = "ECDSA_SHA_256";

const named = { "KeyId!": string(1, 2048), GrantTokens: list(string(1, 8192), 10) };

/** What the operations take, from the public model of KMS (2014-11-01). */
export const inputs: Readonly<Record<string, Structure>> = {
  "TrentService.GetPublicKey": structure(named),
  "TrentService.Sign": structure({
    ...named,
    "Message!": { type: "blob", min: 1, max: LARGEST_MESSAGE },
    MessageType: oneOf("RAW", "DIGEST", "EXTERNAL_MU"),
    DryRun: boolean,
    "SigningAlgorithm!": oneOf(
      "RSASSA_PSS_SHA_256",
      "RSASSA_PSS_SHA_384",
      "RSASSA_PSS_SHA_512",
      "RSASSA_PKCS1_V1_5_SHA_256",
      "RSASSA_PKCS1_V1_5_SHA_384",
      "RSASSA_PKCS1_V1_5_SHA_512",
      "ECDSA_SHA_256",
      "ECDSA_SHA_384",
      "ECDSA_SHA_512",
      "SM2DSA",
      "ML_DSA_SHAKE_256",
      "ED25519_SHA_512",
      "ED25519_PH_SHA_512",
    ),
  }),
};

/** A request that the model lets through. */
interface Input {
  readonly KeyId: string;
  readonly Message: string;
  readonly MessageType?: string | null;
  readonly SigningAlgorithm: string;
  readonly DryRun?: boolean | null;
}

/** Starts `Sign` and `GetPublicKey` of KMS for one key of the kind ECC_NIST_P256, on 127.0.0.1. */
export async function startKmsService(options: KmsServiceOptions): Promise<KmsService> {
  const key = signingKeyAt(options.file);
  const server = createServer((message, response) => {
    answer(options, key, message)
      .then((body) => reply(response, 200, body))
      .catch((error) => refuse(options, response, error));
  });
  const url = await listenOnLoopback(server, options.port ?? 0);
  return { url, close: () => closeServer(server) };
}

async function answer(
  { authenticate, authorize, keyArn }: KmsServiceOptions,
  key: SigningKey,
  message: IncomingMessage,
): Promise<object> {
  const body = await readBody(message);
  const { method = "", url: path = "", headers } = message;
  const caller = await authenticate({ method, path, headers, body, service: "kms" });
  const target = String(headers["x-amz-target"] ?? "");
  const operation = Object.hasOwn(operations, target) ? operations[target] : undefined;
  if (operation === undefined) {
    throw new KmsRefused("UnknownOperationException", "Only Sign and GetPublicKey are done here.");
  }
  authorize(caller, target.slice(target.lastIndexOf(".") + 1));
  const request = parse(target, body);
  if (request.KeyId !== keyArn) throw notFound(request.KeyId, keyArn);
  return { KeyId: keyArn, ...(await operation(key, request)) };
}

type Operation = (key: SigningKey, request: Input) => Promise<object>;

const operations: Readonly<Record<string, Operation>> = {
  "TrentService.Sign": async (key, { Message, MessageType, SigningAlgorithm, DryRun }) => {
    const bytes = Buffer.from(Message, "base64");
    if (SigningAlgorithm !== ALGORITHM) {
      throw invalid(`Algorithm ${SigningAlgorithm} is incompatible with key spec ECC_NIST_P256.`);
    }
    if ((MessageType ?? "RAW") !== "RAW" || DryRun) {
      throw invalid(
        "The embedded KMS signs raw messages, and does nothing else. Nothing was signed.",
      );
    }
    const signature = sign("sha256", bytes, await key.private());
    return { Signature: signature.toString("base64"), SigningAlgorithm: ALGORITHM };
  },

  "TrentService.GetPublicKey": async (key) => {
    const bytes = (await key.public()).export({ type: "spki", format: "der" });
    return {
      PublicKey: bytes.toString("base64"),
      KeySpec: "ECC_NIST_P256",
      KeyUsage: "SIGN_VERIFY",
      SigningAlgorithms: [ALGORITHM],
    };
  },
};

/** A key of elsewhere is no key of here, whatever it is called. */
function notFound(keyId: string, keyArn: string): KmsRefused {
  const [, partition, , region] = keyArn.split(":");
  const [prefix, itsPartition, , itsRegion] = keyId.split(":");
  const isElsewhere = prefix === "arn" && (itsPartition !== partition || itsRegion !== region);
  const message = isElsewhere ? `Invalid arn ${itsRegion}` : `Key '${keyId}' does not exist`;
  return new KmsRefused("NotFoundException", message);
}

function parse(target: string, body: Buffer): Input {
  let request: unknown;
  try {
    request = JSON.parse(body.toString("utf8"));
  } catch {
    throw new KmsRefused("SerializationException", "The request's body is not a JSON object.");
  }
  const shape = inputs[target];
  const violation = shape && violationOf(shape, request ?? {});
  if (violation) throw new KmsRefused(violation.name, violation.message);
  return request as Input;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of message as AsyncIterable<Buffer>) {
    size += piece.length;
    // What is too much is read on and thrown away, so that the caller hears the refusal.
    if (size <= LARGEST_REQUEST) pieces.push(piece);
  }
  if (size > LARGEST_REQUEST) throw invalid("The request is larger than 16 KiB.");
  return Buffer.concat(pieces);
}

function refuse(options: KmsServiceOptions, response: ServerResponse, error: unknown): void {
  const { name, status, message } = error as { name: string; status?: number; message: string };
  const known = status !== undefined && status >= 400 && status < 500;
  if (!known) options.onFault?.(error);
  // KMS's own name of what S3 calls AccessDenied.
  const type = name === "AccessDenied" ? "AccessDeniedException" : name;
  response.setHeader("x-amzn-errortype", known ? type : "KMSInternalException");
  const shown = known ? message : "The key cannot be used. Nothing was signed.";
  // KMS answers every refusal with 400.
  reply(response, known ? 400 : 500, {
    __type: known ? type : "KMSInternalException",
    message: shown,
  });
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "x-amzn-requestid": randomUUID(),
  });
  response.end(JSON.stringify(body));
}
