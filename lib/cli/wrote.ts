/** The part of an SDK client that requests pass through. */
interface Client {
  readonly middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: each client types its middleware by its own commands.
    add(middleware: any, options: any): void;
  };
}

interface Request {
  readonly input?: { readonly sql?: string };
}

const writing = new Set([
  "StartExecutionCommand",
  "CommitTransactionCommand",
  "BatchExecuteStatementCommand",
]);
const writes = /\b(?:insert|update|delete|create|alter|grant|revoke|drop)\b/iu;

/**
 * Notes whether a request that may write was answered by any of these clients: a command that fails
 * afterwards must not say that nothing was written.
 */
export function noteWrites(...clients: readonly Client[]): () => boolean {
  let wrote = false;
  const note =
    <Answer>(
      next: (request: Request) => Promise<Answer>,
      { commandName }: { commandName?: string },
    ) =>
    async (request: Request): Promise<Answer> => {
      const answer = await next(request);
      wrote ||= writing.has(commandName ?? "") || writes.test(request.input?.sql ?? "");
      return answer;
    };
  for (const { middlewareStack } of clients) {
    middlewareStack.add(note, { step: "initialize", name: "noteWrites" });
  }
  return () => wrote;
}
