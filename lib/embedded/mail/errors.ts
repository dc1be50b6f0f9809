/** An SES error on its way to the client. `name` is Amazon's. */
export class MailRefused extends Error {
  override readonly name: "BadRequestException" | "MessageRejected" | "UnknownOperationException";
  readonly status: 400 | 404;

  constructor(name: MailRefused["name"], message: string) {
    super(`${message} Nothing was sent.`);
    this.name = name;
    this.status = name === "UnknownOperationException" ? 404 : 400;
  }
}

/** The request is not one that SES would take. */
export function badRequest(message: string): MailRefused {
  return new MailRefused("BadRequestException", message);
}
