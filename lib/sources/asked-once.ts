/** What is asked once of each name, however many ask for it at the same time; again where it could not be answered. */
export class AskedOnce<Answer> {
  readonly #answers = new Map<string, Promise<Answer>>();

  of(name: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const asked = ask();
    this.#answers.set(name, asked);
    asked.catch(() => this.#answers.delete(name));
    return asked;
  }
}
