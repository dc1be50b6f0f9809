import type { RDSDataClient } from "@aws-sdk/client-rds-data";
import { bodyOf } from "./written-texts.ts";

/** A request as the SDK hands it to whoever sends it. */
interface HttpRequest {
  readonly headers: Record<string, string>;
  body?: unknown;
}

/** An answer, its body here or still coming. */
interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** What a middleware of the SDK is told besides its request: whatever those before it found out about the command. */
interface Context {
  readonly commandName?: string;
  readonly endpointV2?: { readonly properties?: { readonly authSchemes?: readonly unknown[] } };
  readonly __smithy_context?: { readonly operationSchema?: readonly unknown[] };
}

interface Signer {
  sign(request: HttpRequest, options: { readonly signingDate: Date }): Promise<HttpRequest>;
}

/** What of a client's settings, as the SDK completed them, is asked for here. */
interface Settings {
  readonly requestHandler: {
    handle(request: HttpRequest, options: object): Promise<{ response: HttpResponse }>;
  };
  readonly protocol: {
    deserializeResponse(operation: object, context: object, response: object): Promise<unknown>;
  };
  readonly signer: (authScheme: unknown) => Promise<Signer>;
  readonly streamCollector: (body: unknown) => Promise<Uint8Array>;
  readonly systemClockOffset: number;
}

/** A request of a command as the SDK wrote it, before it was signed, and who signs it. */
interface Learnt {
  readonly request: HttpRequest;
  readonly context: Context;
  readonly signer: Promise<Signer>;
}

interface Stack {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK types a middleware by the client's own commands.
  add(middleware: any, options: object): void;
}

const ok = 200;
const kindOf = Object.getPrototypeOf;

/**
 * Lets a client of the Data API send as the SDK does, on a shorter way: what a request of a command is, where it goes and
 * who signs it is learnt from the first one, which is the SDK's. Of a run's thousands of calls each took a third of a
 * millisecond there, to find out the same again and to go through texts and answers letter by letter, by their shapes.
 * Errors are the SDK's own, and behind one the next request is the SDK's, too.
 */
export function takeShortWay(client: RDSDataClient): RDSDataClient {
  const settings = client.config as unknown as Settings;
  const stack = client.middlewareStack as unknown as Stack;
  const learnt = new Map<string, Learnt>();

  const learn =
    (next: (args: object) => Promise<unknown>, context: Context) =>
    async (args: { readonly request: HttpRequest }) => {
      const { commandName = "" } = context;
      const { headers, body: _, ...rest } = args.request;
      const request: HttpRequest = Object.assign(Object.create(kindOf(args.request)), rest, {
        headers: { ...headers },
      });
      const answer = await next(args);
      const [authScheme] = context.endpointV2?.properties?.authSchemes ?? [];
      learnt.set(commandName, { request, context, signer: settings.signer(authScheme) });
      return answer;
    };

  const send =
    (next: (args: object) => Promise<unknown>, { commandName = "" }: Context) =>
    async (args: { readonly input: object }) => {
      const known = learnt.get(commandName);
      const body = known && bodyOf(args.input);
      if (known === undefined || body === undefined) return next(args);
      const { request, context } = known;
      const own: HttpRequest = Object.assign(Object.create(kindOf(request)), request, {
        headers: { ...request.headers, "content-length": String(body.length) },
        body,
      });
      const signingDate = new Date(Date.now() + settings.systemClockOffset);
      const signed = await (await known.signer).sign(own, { signingDate });
      const { response } = await settings.requestHandler.handle(signed, {});
      if (response.statusCode === ok) {
        const { body } = response;
        const output = answerOf(
          body instanceof Uint8Array ? body : await settings.streamCollector(body),
        );
        return { response, output: Object.assign(output, { $metadata: { httpStatusCode: ok } }) };
      }
      learnt.delete(commandName);
      const [, namespace, name, traits, input, output] =
        context.__smithy_context?.operationSchema ?? [];
      await settings.protocol.deserializeResponse(
        { namespace, name, traits, input, output },
        { ...settings, ...context },
        response,
      );
      throw new Error(`The Data API answered ${response.statusCode}, and no error.`);
    };

  // What a log would say is made for each answer, though there is none.
  client.middlewareStack.remove("loggerMiddleware");
  stack.add(send, { name: "takeShortWay", step: "initialize", priority: "low" });
  stack.add(learn, { name: "learnShortWay", step: "build", priority: "low" });
  return client;
}

/** What JSON has no value for comes as a text: bytes, and numbers that are none. */
const asText = /"(?:blobValue|doubleValue)":"/;
const fromText = (key: string, value: unknown): unknown => {
  if (typeof value !== "string") return value;
  if (key === "blobValue") return new Uint8Array(Buffer.from(value, "base64"));
  return key === "doubleValue" ? Number(value) : value;
};

function answerOf(bytes: Uint8Array): object {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (text === "") return {};
  return asText.test(text) ? JSON.parse(text, fromText) : JSON.parse(text);
}
