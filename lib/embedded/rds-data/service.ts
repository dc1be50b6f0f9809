import type { ServerResponse } from "node:http";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Databases, type Roles } from "./databases.ts";
import { fromDatabase, ServiceError, secretDenied, statementTimeout } from "./errors.ts";
import { type Answer, answered, type Head, readBody, refused, sized, write } from "./http.ts";
import { AWS_LIMITS, type Limits } from "./limits.ts";
import { Operations } from "./operations.ts";
import { cancelStatement } from "./query.ts";
import { type DataApiRequest, OPERATIONS, type Operation, parseRequest } from "./requests.ts";
import { type OperationStats, Stats } from "./stats.ts";

export type { Role } from "./databases.ts";
export type { Limits } from "./limits.ts";
export type { Operation } from "./requests.ts";
export type { OperationStats } from "./stats.ts";

/** A request whose sender is to be established. */
interface IncomingCall extends Head {
  readonly body: Buffer;
  readonly service: "rds-data";
}

/**
 * Something that goes wrong on purpose:
 * - `throttle`, `resuming`: answered with ThrottlingException or DatabaseResumingException, and
 *   nothing is done;
 * - `lose-response`: everything is done, then the connection is cut;
 * - `timeout`: the statement comes to its end, but the caller is told StatementTimeoutException (the
 *   worst a real time-out can do); a transaction is ended by it.
 */
export interface Fault {
  readonly kind: "throttle" | "resuming" | "lose-response" | "timeout";
}

/** One request, for a log: it holds no SQL and no values. */
export interface LogEntry {
  readonly operation: string;
  /** Who sent it, once that was established. */
  readonly caller: string | undefined;
  readonly milliseconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The name of the error it was answered with. */
  readonly error?: string;
  /** What an internal error was; only for defects of this service. */
  readonly defect?: unknown;
}

export interface RdsDataServiceOptions {
  /** The database role that each secret's ARN stands for. */
  readonly roles: Roles;
  /** The only cluster there is. */
  readonly resourceArn: string;
  /** Says who sent a request, or throws an error with AWS's `name` and an HTTP `status`. */
  readonly authenticate: (call: IncomingCall) => Promise<string>;
  /** Whether this caller may use this secret, as IAM decides on AWS; without it everybody may use each. */
  readonly mayUse?: (caller: string, secretArn: string) => boolean;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly maxConnectionsPerRole?: number;
  readonly log?: (entry: LogEntry) => void;
  readonly faults?: (operation: Operation, sql: string | undefined) => Fault | undefined;
  /** For tests only: nobody wants to wait 45 seconds for each. */
  readonly limits?: Partial<Limits>;
}

export interface RdsDataService {
  readonly url: string;
  /**
   * Answers a request that came without a connection, in all else as one that came over HTTP; with nothing where a
   * connection would be cut.
   */
  answer(given: GivenRequest): Promise<Answer | undefined>;
  /** Rolls back open transactions, cancels running statements, and ends. */
  close(): Promise<void>;
  /** What each operation was used for since the start. */
  stats(): Record<string, OperationStats>;
}

/** A request whose body is here as a whole. */
type GivenRequest = Omit<IncomingCall, "service">;

/** Serves the RDS Data API on 127.0.0.1, over PostgreSQL, with AWS's limits and errors. */
export async function startRdsDataService(options: RdsDataServiceOptions): Promise<RdsDataService> {
  const service = new Service(options);
  // Nagle's delay is off by default in Node; idle connections outlive the SDK's own pool.
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    void service.serve(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    answer: (given) => service.answer(given),
    stats: () => service.stats.all(),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await service.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** How a request ends: with a body, an error, or a cut connection. */
type Ending =
  | { readonly kind: "answer"; readonly json: string }
  | { readonly kind: "error"; readonly error: WireError; readonly defect?: unknown }
  | { readonly kind: "cut" };

type WireError = Parameters<typeof refused>[0];

class Service {
  readonly stats = new Stats();
  readonly #options: RdsDataServiceOptions;
  readonly #limits: Limits;
  readonly #databases: Databases;
  readonly #operations: Operations;
  readonly #running = new Set<Promise<void>>();

  constructor(options: RdsDataServiceOptions) {
    this.#options = options;
    this.#limits = { ...AWS_LIMITS, ...options.limits };
    this.#databases = new Databases({
      roles: options.roles,
      maxConnectionsPerRole: options.maxConnectionsPerRole ?? 20,
      patienceMs: this.#limits.callMs,
    });
    this.#operations = new Operations(this.#databases, this.#limits);
  }

  serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", headers } = incoming;
    const body = () => readBody(incoming, this.#limits.requestBytes);
    return this.#counted(
      this.#answer({ method, path, headers }, body).then((answer) => write(response, answer)),
    );
  }

  answer({ body, ...call }: GivenRequest): Promise<Answer | undefined> {
    const within = async () => sized(call, body, this.#limits.requestBytes);
    return this.#counted(this.#answer(call, within));
  }

  /** Work that the end of the service waits for. */
  #counted<T>(work: Promise<T>): Promise<T> {
    const running = work.then(
      () => void this.#running.delete(running),
      () => void this.#running.delete(running),
    );
    this.#running.add(running);
    return work;
  }

  async close(): Promise<void> {
    this.#operations.close();
    for (const client of this.#databases.busy) cancelStatement(client);
    await Promise.allSettled(this.#running);
    await this.#databases.close();
  }

  async #answer(call: Head, body: () => Promise<Buffer>): Promise<Answer | undefined> {
    const started = performance.now();
    const known = call.method === "POST" && Object.hasOwn(OPERATIONS, call.path);
    const operation = known ? OPERATIONS[call.path as keyof typeof OPERATIONS] : undefined;
    const seen = { bytesIn: 0, caller: undefined as string | undefined };
    const ending = await this.#end(operation, call, body, seen).catch(asError);
    const answer = answerOf(ending);
    const bytesOut = answer?.body.length ?? 0;
    const name = operation ?? "Unknown";
    this.stats.count(name, seen.bytesIn, bytesOut, ending.kind !== "answer");
    this.#options.log?.({
      operation: name,
      ...seen,
      bytesOut,
      milliseconds: performance.now() - started,
      ...(ending.kind === "error" ? { error: ending.error.name } : {}),
      ...(ending.kind === "error" && ending.defect ? { defect: ending.defect } : {}),
    });
    return answer;
  }

  async #end(
    operation: Operation | undefined,
    head: Head,
    read: () => Promise<Buffer>,
    seen: { bytesIn: number; caller: string | undefined },
  ): Promise<Ending> {
    const body = await read();
    seen.bytesIn = body.length;
    seen.caller = await this.#options.authenticate({ ...head, body, service: "rds-data" });
    if (!operation) throw new ServiceError("UnknownOperationException", "No such operation");
    const request = parseRequest(operation, body, this.#limits);
    this.#checkResource(request);
    this.#checkSecret(seen.caller, request);
    return this.#runWithFaults(operation, request);
  }

  async #runWithFaults(operation: Operation, request: DataApiRequest): Promise<Ending> {
    const fault = this.#options.faults?.(operation, request.sql)?.kind;
    if (fault === "throttle") throw new ServiceError("ThrottlingException", "Rate exceeded");
    if (fault === "resuming") {
      throw new ServiceError(
        "DatabaseResumingException",
        "The Aurora DB instance is resuming after being auto-paused. Please wait a few seconds and try again.",
      );
    }
    const json = await this.#operations.run(operation, request);
    if (fault === "lose-response") return { kind: "cut" };
    if (fault === "timeout") {
      this.#operations.abort(request);
      throw statementTimeout(0);
    }
    return { kind: "answer", json };
  }

  #checkSecret(caller: string, { secretArn }: DataApiRequest): void {
    if (this.#options.mayUse?.(caller, secretArn) !== false) return;
    throw secretDenied(secretArn);
  }

  #checkResource({ resourceArn }: DataApiRequest): void {
    if (resourceArn === this.#options.resourceArn) return;
    throw new ServiceError(
      "HttpEndpointNotEnabledException",
      `HttpEndpoint is not enabled for cluster ${resourceArn}`,
    );
  }
}

function answerOf(ending: Ending): Answer | undefined {
  switch (ending.kind) {
    case "answer":
      return answered(ending.json);
    case "error":
      return refused(ending.error);
    case "cut":
      return undefined;
  }
}

/** An error of the service, a refusal of `authenticate`, or a defect whose text stays here. */
function asError(thrown: unknown): Ending {
  if (thrown instanceof ServiceError) return { kind: "error", error: thrown };
  const refusal = thrown as Error & { status?: unknown };
  if (typeof refusal.status === "number") {
    const { name, message, status } = refusal;
    return { kind: "error", error: { name, message, status } };
  }
  const error = fromDatabase(thrown);
  const defect = error.name === "InternalServerErrorException" ? thrown : undefined;
  return { kind: "error", error, defect };
}
