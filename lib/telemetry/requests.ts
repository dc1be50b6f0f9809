import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";

/** Requests of this process by AWS service: what a run costs is counted, not guessed. */
interface RequestCounts {
  readonly DataApiRequests: number;
  readonly DataApiErrors: number;
  readonly EvidenceRequests: number;
}

const counts = { DataApiRequests: 0, DataApiErrors: 0, EvidenceRequests: 0 };
let listening = false;

/** Begins to count; Node tells of every request itself, so no client has to know. */
export function countRequests(): void {
  if (listening) return;
  listening = true;
  subscribe("http.client.request.start", (message) => {
    const host = hostOf((message as { request: ClientRequest }).request);
    if (isDataApi(host)) counts.DataApiRequests += 1;
    else if (/^(?:[^.]+\.)?s3[.-]/u.test(host)) counts.EvidenceRequests += 1;
  });
  subscribe("http.client.response.finish", (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    if (isDataApi(hostOf(request)) && isRefused(response)) counts.DataApiErrors += 1;
  });
}

/** A database that wakes up refuses nothing: several functions that wait for it would raise the alarm each morning. */
const isRefused = ({ statusCode = 0, headers }: IncomingMessage): boolean =>
  statusCode >= 400 && !/^DatabaseResuming/u.test(String(headers["x-amzn-errortype"] ?? ""));

const hostOf = (request: ClientRequest): string =>
  String(request.getHeader("host") ?? request.host);

const isDataApi = (host: string): boolean => host.startsWith("rds-data.");

/** What was counted since the last look. */
export function takeRequestCounts(): RequestCounts {
  const taken = { ...counts };
  counts.DataApiRequests = 0;
  counts.DataApiErrors = 0;
  counts.EvidenceRequests = 0;
  return taken;
}
