/** Sign-offs (W7, W8, D12, D13): asking people, their answers, and what commits rest on. */

export { judgeSamples } from "../samples/judge.ts";
export type { Gate, SignOff, SignOffRef } from "../sign-off-store.ts";
export { type Asked, type AskInput, ask } from "./ask.ts";
export { type Decided, type DecideInput, decide } from "./decide.ts";
export { override } from "./override.ts";
export { read, type SignOffView } from "./read.ts";
export { type TaskOutput, type Told, tellDecided } from "./tell.ts";
export { type Approval, validApproval } from "./valid-approval.ts";
