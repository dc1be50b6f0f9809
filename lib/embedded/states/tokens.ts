import { createHmac, timingSafeEqual } from "node:crypto";
import { ServiceError } from "./errors.ts";
import type { Outcome } from "./journal.ts";
import { digestId } from "./names.ts";

/** Decides once how a task ends: the first outcome is written down and counts, later ones do not. */
export class Settlement {
  readonly outcome: Promise<Outcome>;
  readonly #persist: (outcome: Outcome) => Promise<void>;
  #resolve!: (outcome: Outcome) => void;
  #reject!: (cause: unknown) => void;
  #closed = false;

  constructor(persist: (outcome: Outcome) => Promise<void>) {
    this.#persist = persist;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.outcome.catch(() => {});
  }

  /** False when the task had ended already; true once the outcome is on the disk. */
  async settle(outcome: Outcome): Promise<boolean> {
    if (this.#closed) return false;
    this.#closed = true;
    try {
      await this.#persist(outcome);
    } catch (cause) {
      this.#reject(cause);
      throw cause;
    }
    this.#resolve(outcome);
    return true;
  }

  /** Lets no outcome in any more. */
  close(): void {
    this.#closed = true;
  }

  get closed(): boolean {
    return this.#closed;
  }
}

/** A task that waits for somebody to hand in its token. */
export class PendingTask extends Settlement {
  /** Called for each heartbeat; set by the one who watches for them. */
  beat: () => void = () => {};
}

/**
 * Task tokens. A token is made from the execution, the place in it and a secret of this
 * installation, so that it is the same after a restart, cannot be made up, and is in no file.
 */
export class TaskTokens {
  readonly #secret: Buffer;
  readonly #pending = new Map<string, PendingTask>();

  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** The token of an attempt at a task. */
  tokenFor(execution: string, key: string): string {
    const id = Buffer.from(idOf(execution, key), "hex");
    // Of no alphabet with a hyphen: a command line would take one in front for an option.
    return Buffer.concat([id, this.#seal(id)]).toString("base64");
  }

  /** Starts to accept the token, or finds the task again that accepts it since the restart. */
  open(execution: string, key: string, persist: (outcome: Outcome) => Promise<void>): PendingTask {
    const id = idOf(execution, key);
    const pending = this.#pending.get(id) ?? new PendingTask(persist);
    this.#pending.set(id, pending);
    return pending;
  }

  /** Ends the life of the token. */
  close(execution: string, key: string): void {
    const id = idOf(execution, key);
    this.#pending.get(id)?.close();
    this.#pending.delete(id);
  }

  /** Ends the life of all tokens of an execution. */
  closeAll(execution: string): void {
    for (const [id, pending] of this.#pending) {
      if (!id.startsWith(digestId(execution))) continue;
      pending.close();
      this.#pending.delete(id);
    }
  }

  /** Ends the task that waits for the token. Throws `InvalidToken` or `TaskTimedOut`. */
  async settle(token: string, outcome: Outcome): Promise<void> {
    if (!(await this.#find(token).settle(outcome))) throw closed();
  }

  /** Tells the watcher of the task that its worker is alive. */
  beat(token: string): void {
    this.#find(token).beat();
  }

  #find(token: string): PendingTask {
    const bytes = Buffer.from(token, "base64");
    const id = bytes.subarray(0, 32);
    if (bytes.length !== 64 || !timingSafeEqual(bytes.subarray(32), this.#seal(id))) {
      throw new ServiceError("InvalidToken", "Invalid Token: it was not issued here.");
    }
    const pending = this.#pending.get(id.toString("hex"));
    if (!pending || pending.closed) throw closed();
    return pending;
  }

  #seal(id: Buffer): Buffer {
    return createHmac("sha256", this.#secret).update(id).digest();
  }
}

function closed(): ServiceError {
  return new ServiceError(
    "TaskTimedOut",
    "Task Timed Out: the task of this token has ended, by a decision or by time.",
  );
}

/** 64 hexadecimal digits, the first half of which tell the execution. */
function idOf(execution: string, key: string): string {
  return digestId(execution) + digestId(key);
}
