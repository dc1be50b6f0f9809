import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";

/** Node's SHA-256 and HMAC in the shape that the SDK's signer asks for. */
export class RequestSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", secret as string | Buffer);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error("A digest is used once.");
  }
}
