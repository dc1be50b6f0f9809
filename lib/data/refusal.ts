/**
 * A refusal with a name that state machines match and a message that people read: what was wrong,
 * whether anything was written, and what to do next. Never a stack trace (W13).
 */
export class Refusal extends Error {
  override readonly name: string;

  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
