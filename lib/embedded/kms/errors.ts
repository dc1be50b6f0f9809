/** The names of KMS that can be met here. */
type KmsErrorName =
  | "NotFoundException"
  | "SerializationException"
  | "UnknownOperationException"
  | "ValidationException";

/** A KMS error on its way to the client. `name` is Amazon's. */
export class KmsRefused extends Error {
  override readonly name: KmsErrorName;
  readonly status = 400;

  constructor(name: KmsRefused["name"], message: string) {
    super(message);
    this.name = name;
  }
}

/** The request is not one that this key takes. */
export const invalid = (message: string): KmsRefused =>
  new KmsRefused("ValidationException", message);
