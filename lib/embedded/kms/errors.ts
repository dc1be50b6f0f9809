/** A KMS error on its way to the client. `name` is Amazon's. */
export class KmsRefused extends Error {
  override readonly name: "NotFoundException" | "UnknownOperationException" | "ValidationException";
  readonly status = 400;

  constructor(name: KmsRefused["name"], message: string) {
    super(`${message} Nothing was signed.`);
    this.name = name;
  }
}

/** The request is not one that this key takes. */
export const invalid = (message: string): KmsRefused =>
  new KmsRefused("ValidationException", message);
