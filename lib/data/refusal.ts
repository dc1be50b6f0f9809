/**
 * A refusal with a name that state machines match and a message that people read: what was wrong,
 * whether anything was written, and what to do next. Never a stack trace (W13).
 */
export class Refusal extends Error {
  override readonly name: string;
  /** Whose act it is about, where it is about somebody's: their name, which the message says as well. */
  readonly who: string | undefined;
  /** The sign-off that it is about, by id, where a page shows it still. */
  readonly signOff: string | undefined;

  constructor(
    name: string,
    message: string,
    options?: ErrorOptions & {
      readonly who?: string | undefined;
      readonly signOff?: string | undefined;
    },
  ) {
    super(message, options);
    this.name = name;
    this.who = options?.who;
    this.signOff = options?.signOff;
  }
}
