import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** Each named refusal and error of the product, and the test that makes it happen. */
const provoked: Readonly<Record<string, string>> = {
  AlreadyDecided: "review/sign-off.test.ts",
  AnotherRunCommits: "stages/again.test.ts",
  ApproverIsStarter: "console/sign-off.test.ts",
  BundleDamaged: "evidence/pull.test.ts",
  BundleMissing: "evidence/pull.test.ts",
  CommentMissing: "cli/refusals.test.ts",
  DatabaseErrorException: "data/failures.test.ts",
  DefinitionInvalid: "stages/definition-faults.test.ts",
  DigestChanged: "embedded/functions/host.test.ts",
  DrillFailed: "faults/sent-again.test.ts",
  DrillTooEarly: "stages/nets.test.ts",
  DryRunMissing: "evidence/export-review.test.ts",
  ExportMissing: "review/sign-off.test.ts",
  FileNotWritten: "cli/lifecycle.test.ts",
  FileUnreadable: "cli/refusals.test.ts",
  FinalVerificationFailed: "stages/checks-seen-red.test.ts",
  FolderNotEmpty: "evidence/pull.test.ts",
  FormNotTrusted: "console/request.test.ts",
  ImportIncomplete: "stages/nets.test.ts",
  ImportUnbalanced: "stages/nets.test.ts",
  InputInvalid: "infra/bundles.test.ts",
  InvalidSetting: "stages/run-settings.test.ts",
  InvalidPerson: "review/people.test.ts",
  LinkExpired: "review/sign-off.test.ts",
  LinkUnknown: "review/sign-off.test.ts",
  MailFailed: "review/sign-off.test.ts",
  MigrationExists: "author/new.test.ts",
  NoApprover: "review/sign-off.test.ts",
  NotABundle: "cli/refusals.test.ts",
  NotAPublicKey: "cli/refusals.test.ts",
  NotAnAuditLog: "cli/refusals.test.ts",
  NotHere: "cli/refusals.test.ts",
  NoMappings: "console/signed-request.test.ts",
  NothingToVerifyBy: "migrations/wild-apricot/verification.test.ts",
  PlatformUnfit: "migrations/wild-apricot/verification.test.ts",
  NotIdentified: "console/signed-request.test.ts",
  NotReady: "cli/text.test.ts",
  NotSignedIn: "embedded/pages/service.test.ts",
  NotVerified: "review/features.test.ts",
  NothingToCommit: "stages/again.test.ts",
  NothingToUndo: "review/carried-verdicts.test.ts",
  NothingToOverride: "review/sign-off.test.ts",
  PageInvalid: "stages/staged-page.test.ts",
  PermissionDenied: "console/sign-off.test.ts",
  PersonalDataInAudit: "evidence/audit-log.test.ts",
  PersonLooksAlike: "review/people.test.ts",
  PersonalDataInRemark: "review/remark.test.ts",
  PinUnreadable: "stages/pin.test.ts",
  PlatformBusy: "stages/watch-platform.test.ts",
  PlatformRefused: "stages/side-effects.test.ts",
  PolicyDenied: "stages/referring.test.ts",
  PreflightFailed: "evidence/honest-runs.test.ts",
  PrivilegesMissing: "stages/referring.test.ts",
  ReasonMissing: "review/held-rows.test.ts",
  ReferenceRepeated: "stages/source-keys.test.ts",
  ReferenceUnknown: "stages/referring.test.ts",
  ReviewOutdated: "evidence/export-review.test.ts",
  ReviewOvertaken: "review/withdrawn.test.ts",
  RollbackUnbalanced: "stages/nets.test.ts",
  RunErased: "stages/erasing.test.ts",
  RunIsTrial: "stages/trial.test.ts",
  RunNoTrial: "stages/trial.test.ts",
  RunUnderWay: "cli/lifecycle.test.ts",
  RunNotOver: "stages/erasing.test.ts",
  RunStopped: "stages/again.test.ts",
  RuntimeNotRunning: "cli/refusals.test.ts",
  SampleUnknown: "review/samples.test.ts",
  SecretUnreadable: "services/source-environment.test.ts",
  SettingsMissing: "cli/refusals.test.ts",
  SettingsUnreadable: "cli/refusals.test.ts",
  SeveralSuggested: "stages/dirt.test.ts",
  SideEffects: "stages/side-effects.test.ts",
  SignInOver: "console/sign-off.test.ts",
  SignatureWrong: "evidence/signature.test.ts",
  SourceAccessDenied: "sources/mysql-access.test.ts",
  SourceChanged: "sources/csv.test.ts",
  SourceEmpty: "author/new.test.ts",
  SourceMissing: "author/new.test.ts",
  SourceFailed: "sources/mysql-access.test.ts",
  SourceLimitReached: "sources/mysql-access.test.ts",
  SourceLost: "sources/mysql-access.test.ts",
  SourceRowUnreadable: "sources/csv.test.ts",
  SourceSchemaMismatch: "sources/csv.test.ts",
  SourceSettingsInvalid: "sources/mysql-access.test.ts",
  SourceUnreachable: "evidence/honest-runs.test.ts",
  StackNotFound: "cli/aws-stack.test.ts",
  StackNotReady: "cli/aws-stack.test.ts",
  DecisionFailed: "console/signed-request.test.ts",
  LookFailed: "console/signed-request.test.ts",
  StartFailed: "console/signed-request.test.ts",
  StageMissing: "stages/refusals.test.ts",
  StageOvertaken: "stages/matching-parts.test.ts",
  StarterUnknown: "infra/errors.test.ts",
  TargetGone: "stages/reshaped.test.ts",
  TargetUnreachable: "author/check.test.ts",
  UnknownExport: "cli/refusals.test.ts",
  UnknownFeature: "review/features.test.ts",
  UnknownFocus: "stages/refusals.test.ts",
  UnknownFocusMode: "cli/refusals.test.ts",
  UnknownMail: "cli/refusals.test.ts",
  UnknownMigration: "cli/refusals.test.ts",
  UnknownPermission: "review/people.test.ts",
  UnknownPerson: "review/people.test.ts",
  UnknownRange: "stages/nets.test.ts",
  UnknownRow: "review/held-rows.test.ts",
  UnknownRun: "stages/refusals.test.ts",
  UnknownSetting: "stages/run-settings.test.ts",
  UnknownWave: "stages/nets.test.ts",
  UnreadableBody: "console/request.test.ts",
  Usage: "cli/text.test.ts",
  VerdictUnclear: "console/request.test.ts",
  TargetColumnUnfit: "stages/changed-rows.test.ts",
  TargetKeyUndrawn: "stages/target-keys.test.ts",
  VerificationOvertaken: "faults/overtaken.test.ts",
  WaveContended: "stages/refusals.test.ts",
  WaveNotClean: "stages/nets.test.ts",
  WaveNotVerified: "stages/nets.test.ts",
  WaveOutOfOrder: "stages/refusals.test.ts",
  WavePlanInvalid: "stages/refusals.test.ts",
  WaveRefused: "stages/refused-rows.test.ts",
  WaveTakenBack: "faults/overtaken.test.ts",
  WaveTooLarge: "stages/refusals.test.ts",
  WaveUnbalanced: "stages/nets.test.ts",
  DefinitionChanged: "stages/nets.test.ts",
  DryRunStale: "stages/nets.test.ts",
  EnvironmentIncomplete: "stages/nets.test.ts",
  RowCountError: "stages/nets.test.ts",
  RunCompleted: "stages/nets.test.ts",
  RunPaused: "stages/nets.test.ts",
  TokenUnreadable: "stages/nets.test.ts",
  ObjectExists: "embedded/s3/locked.test.ts",
  WhatIfNeedsImport: "review/what-if.test.ts",
};

/** Those that no test names yet. The list only gets shorter. */
const unseen: readonly string[] = [
  "DecisionMissing",
  "ExecutionStopped",
  "FailedMidWay",
  "InexactInteger",
  "LinkUnreadable",
  "MethodNotAllowed",
  "NoRuns",
  "NotOnThisMachine",
  "NothingToDecide",
  "PageUnknown",
  "PagesFailed",
  "PasswordMissing",
  "PlatformTablesMissing",
  "RowsUnplanned",
  "RuntimeDidNotEnd",
  "RuntimeDidNotStart",
  "StackUnreadable",
  "StagingOutdated",
  "StoppedWaiting",
  "TooManyAttempts",
  "UnknownRegion",
  "UnreadableFile",
  "WaitsForSignOff",
];

/** The names in the code: of refusals where they are thrown, and of errors that are classes of their own. */
function namesInCode(): Set<string> {
  const files = globSync("{lib,functions}/**/*.ts", { cwd: root }).filter(
    // The stand-ins answer as AWS does, and the deployment's settings have their own tests.
    (file) => !/^lib\/(?:embedded|infra)\//u.test(file),
  );
  const names = new Set<string>();
  for (const file of files) {
    const code = readFileSync(join(root, file), "utf8");
    for (const [, first = ""] of code.matchAll(/new (?:Refusal|CannotRun)\(\s*([^,]*?),/gu)) {
      for (const [, name = ""] of first.matchAll(/"([A-Z][A-Za-z]+)"/gu)) names.add(name);
    }
    for (const [, name = ""] of code.matchAll(/override readonly name = "([A-Za-z]+)"/gu)) {
      names.add(name);
    }
  }
  return names;
}

it("W13 every named refusal and error stands in this table: a new one comes with its test", () => {
  const known = [...Object.keys(provoked), ...unseen];
  expect([...namesInCode()].sort()).toEqual(known.sort());
  expect(unseen.filter((name) => name in provoked)).toEqual([]);
});

it.each(Object.entries(provoked))(
  "W13 %s is named by the test that provokes it, %s",
  (name, file) => {
    expect(readFileSync(join(root, "test", file), "utf8")).toMatch(
      new RegExp(`"${name}"|R\\d+ ${name}\\b`, "u"),
    );
  },
);
