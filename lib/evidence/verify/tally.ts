import { createHash } from "node:crypto";

/** How many things, and a sum of their hashes: equal sets have equal both, whatever their order. */
export interface Tally {
  things: number;
  sum: bigint;
}

const MODULUS = 1n << 256n;

/** Sets by name, compared without being held: a bundle of millions of rows is verified in little memory. */
export class Tallies {
  readonly #named = new Map<string, Tally>();

  add(name: string, thing: readonly string[]): void {
    const tally = this.#named.get(name) ?? { things: 0, sum: 0n };
    const hash = createHash("sha256").update(JSON.stringify(thing)).digest("hex");
    tally.things += 1;
    tally.sum = (tally.sum + BigInt(`0x${hash}`)) % MODULUS;
    this.#named.set(name, tally);
  }

  names(): readonly string[] {
    return [...this.#named.keys()];
  }

  of(name: string): Tally {
    return this.#named.get(name) ?? { things: 0, sum: 0n };
  }

  /** Names under which two collections differ, and how many each has. */
  differences(other: Tallies): { name: string; here: number; there: number }[] {
    return [...new Set([...this.names(), ...other.names()])]
      .filter((name) => {
        const [here, there] = [this.of(name), other.of(name)];
        return here.things !== there.things || here.sum !== there.sum;
      })
      .map((name) => ({ name, here: this.of(name).things, there: other.of(name).things }));
  }
}

/** Counts by key. */
export class Counts {
  readonly #counted = new Map<string, number>();

  add(key: string): void {
    this.#counted.set(key, (this.#counted.get(key) ?? 0) + 1);
  }

  of(key: string): number {
    return this.#counted.get(key) ?? 0;
  }

  asRecord(): Record<string, number> {
    return Object.fromEntries(this.#counted);
  }
}
