/** A line that a handler wrote. */
export interface LogLine {
  readonly functionName: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** Cuts what a worker writes into lines. */
export class LineLog {
  readonly functionName: string;
  readonly #sink: (line: LogLine) => void;
  readonly #rest = { stdout: "", stderr: "" };

  constructor(functionName: string, sink: (line: LogLine) => void) {
    this.functionName = functionName;
    this.#sink = sink;
  }

  /** Takes a piece of output; whole lines go on at once. */
  write(stream: LogLine["stream"], text: string): void {
    const lines = (this.#rest[stream] + text).split(/\r?\n/);
    this.#rest[stream] = lines.pop() ?? "";
    for (const line of lines) this.#tell(stream, line);
  }

  /** Gives out a last line that was not ended. */
  flush(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const text = this.#rest[stream];
      this.#rest[stream] = "";
      if (text !== "") this.#tell(stream, text);
    }
  }

  #tell(stream: LogLine["stream"], text: string): void {
    this.#sink({ functionName: this.functionName, stream, text });
  }
}
