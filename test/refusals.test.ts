import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** Each named refusal and error of the product, and the test that makes it happen. */
const provoked: Readonly<Record<string, string>> = {
  AlreadyDecided: "review/sign-off-deciding.test.ts",
  BackupFailed: "cli/restore.test.ts",
  BackupUnreadable: "cli/restore.test.ts",
  NotBegun: "cli/restore.test.ts",
  OtherBackup: "cli/restore.test.ts",
  PlatformChanged: "cli/restore.test.ts",
  RestoreFailed: "cli/restore.test.ts",
  RestoreInterrupted: "cli/restore.test.ts",
  SetUpAfterRestore: "cli/restore.test.ts",
  ToolsMissing: "cli/restore.test.ts",
  AnotherRunCommits: "stages/again.test.ts",
  ApproverIsStarter: "console/sign-off.test.ts",
  AnotherPlatform: "cli/refusals.test.ts",
  BundleDamaged: "evidence/pull.test.ts",
  BundleUnreadable: "migrations/wild-apricot/lifecycle.test.ts",
  BundleMissing: "evidence/pull.test.ts",
  CommandAborted: "cli/backfill.test.ts",
  UnsupportedSource: "cli/backfill.test.ts",
  CommentMissing: "cli/refusals.test.ts",
  ConnectionLost: "data/failures.test.ts",
  StatementTimeoutException: "data/failures.test.ts",
  CopiesBeingRemoved: "migrations/alpha2/copies.test.ts",
  CopiesStand: "migrations/alpha2/copies.test.ts",
  CopyFailed: "migrations/alpha2/lifecycle.test.ts",
  StatementTooLong: "data/database.test.ts",
  DatabaseContended: "data/failures.test.ts",
  DatabaseErrorException: "data/failures.test.ts",
  DatabaseTooOld: "stages/database-version.test.ts",
  DefinitionInvalid: "stages/definition-faults.test.ts",
  DigestChanged: "embedded/functions/host.test.ts",
  DrillFailed: "faults/sent-again.test.ts",
  DrillTooEarly: "stages/nets.test.ts",
  DryRunMissing: "evidence/export-review.test.ts",
  ExportMissing: "review/sign-off-asking.test.ts",
  FeatureOn: "review/features.test.ts",
  StandingChanged: "review/standing-as-seen.test.ts",
  FeatureTurned: "review/features.test.ts",
  RowHeldByAnother: "review/decided-as-seen.test.ts",
  FileNotWritten: "cli/lifecycle.test.ts",
  FilesUnreachable: "sources/files.test.ts",
  FileUnreadable: "cli/refusals.test.ts",
  FinalVerificationFailed: "stages/checks-seen-red.test.ts",
  FolderNotEmpty: "evidence/pull.test.ts",
  FormNotTrusted: "console/request.test.ts",
  ImportIncomplete: "stages/nets.test.ts",
  ImportUnbalanced: "stages/nets.test.ts",
  InputInvalid: "infra/bundles.test.ts",
  InvalidSetting: "stages/run-settings.test.ts",
  SettingNotFound: "migrations/community/lifecycle.test.ts",
  InvalidPerson: "review/people.test.ts",
  KeySecretGone: "stages/source-keys.test.ts",
  LedgerIncomplete: "stages/lost-entries.test.ts",
  LinkExpired: "review/sign-off-deciding.test.ts",
  LinkUnknown: "review/sign-off-deciding.test.ts",
  MailFailed: "review/sign-off-asking.test.ts",
  MigrationExists: "author/new.test.ts",
  NoAudit: "cli/refusals.test.ts",
  NoApprover: "review/sign-off-asking.test.ts",
  NotABundle: "cli/refusals.test.ts",
  NotAPublicKey: "cli/refusals.test.ts",
  NotAnAuditLog: "cli/refusals.test.ts",
  NotHere: "cli/refusals.test.ts",
  NoMappings: "console/signed-request.test.ts",
  NothingToVerifyBy: "migrations/wild-apricot/verification.test.ts",
  PlatformUnfit: "migrations/wild-apricot/verification.test.ts",
  NotIdentified: "console/signed-request.test.ts",
  NotReady: "cli/failures.test.ts",
  NotSignedIn: "embedded/pages/handed-on.test.ts",
  NotVerified: "review/features.test.ts",
  NothingToCommit: "stages/again.test.ts",
  NothingToUndo: "review/carried-verdicts.test.ts",
  NothingToOverride: "review/sign-off-stops.test.ts",
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
  ReportChanged: "review/report-changed.test.ts",
  ReviewOutdated: "evidence/export-review.test.ts",
  ReviewOvertaken: "review/withdrawn.test.ts",
  RollbackUnbalanced: "stages/nets.test.ts",
  RunErased: "stages/erasing.test.ts",
  RunInUse: "review/features.test.ts",
  RunIsTrial: "stages/trial.test.ts",
  RunNoTrial: "stages/trial.test.ts",
  RunMovedOn: "console/moved-on.test.ts",
  RunUnderWay: "cli/lifecycle.test.ts",
  RunNotOver: "stages/erasing.test.ts",
  RowAmbiguous: "lifecycle/read-twice.test.ts",
  RunStopped: "stages/again.test.ts",
  OtherVersion: "cli/other-version.test.ts",
  RuntimeNotRunning: "cli/refusals.test.ts",
  SampleUnknown: "review/samples.test.ts",
  SecretUnreadable: "services/source-environment.test.ts",
  SettingsMissing: "cli/refusals.test.ts",
  SettingsUnreadable: "cli/refusals.test.ts",
  SeveralSuggested: "stages/dirt.test.ts",
  SessionsUnsettled: "stages/settled-sessions.test.ts",
  SideEffects: "stages/side-effects.test.ts",
  TriggersSilenced: "stages/side-effects.test.ts",
  WouldReplace: "infra/standing.test.ts",
  SignInFailed: "cli/sign-in.test.ts",
  SignOutFailed: "cli/sign-out.test.ts",
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
  StagingChanged: "lifecycle/changed-definition.test.ts",
  StarterUnknown: "infra/errors.test.ts",
  TargetGone: "stages/reshaped.test.ts",
  KeyNamesSeveral: "stages/detached.test.ts",
  TargetUnreachable: "cli/ask-url.test.ts",
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
  Usage: "cli/failures.test.ts",
  VerdictStands: "review/judged-by-two.test.ts",
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
  DecisionMissing: "console/permissions.test.ts",
  ExecutionStopped: "cli/execution.test.ts",
  FailedMidWay: "cli/failures.test.ts",
  InexactInteger: "data/exact.test.ts",
  LinkUnreadable: "cli/lifecycle.test.ts",
  MethodNotAllowed: "console/permissions.test.ts",
  NoRuns: "cli/runtime.test.ts",
  NotOnThisMachine: "cli/refusals.test.ts",
  NothingToDecide: "cli/lifecycle.test.ts",
  PageUnknown: "console/permissions.test.ts",
  PagesFailed: "cli/pages.test.ts",
  PasswordMissing: "cli/lifecycle.test.ts",
  PlatformTablesMissing: "infra/set-up-database.test.ts",
  OtherFolder: "cli/own-database.test.ts",
  RuntimeDidNotEnd: "cli/local-down.test.ts",
  RuntimeDidNotStart: "cli/runtime-parts.test.ts",
  StackUnreadable: "cli/aws-stack.test.ts",
  StagingOutdated: "infra/set-up-database.test.ts",
  StoppedWaiting: "cli/execution.test.ts",
  TooManyAttempts: "cli/pages.test.ts",
  UnknownRegion: "normalize/phone.test.ts",
  UnreadableFile: "evidence/verify-bundle.test.ts",
  WaitsForSignOff: "cli/execution.test.ts",
};

/** Each name by which the stand-ins refuse, or end, as AWS does or as what a machine is does; and the test. */
const provokedOnThisMachine: Readonly<Record<string, string>> = {
  AccessDenied: "embedded/s3/locked.test.ts",
  AccessDeniedException: "cli/foreign-clients.test.ts",
  AlreadyRunning: "embedded/postgres/start.test.ts",
  BadDigest: "embedded/s3/integrity.test.ts",
  BadRequestException: "embedded/rds-data/batch.test.ts",
  BucketAlreadyOwnedByYou: "embedded/s3/protocol.test.ts",
  BucketNotEmpty: "cli/foreign-clients.test.ts",
  DamagedLog: "embedded/states/restart.test.ts",
  DatabaseErrorException: "embedded/rds-data/batch.test.ts",
  DatabaseResumingException: "embedded/rds-data/service.test.ts",
  DatabaseUnavailableException: "embedded/rds-data/limits.test.ts",
  DatabaseUnusable: "embedded/refused.test.ts",
  DiskFull: "embedded/s3/crash.test.ts",
  EntityTooLarge: "embedded/refused.test.ts",
  EntityTooSmall: "embedded/s3/multipart.test.ts",
  ExecutionAlreadyExists: "embedded/states/operations.test.ts",
  ExecutionDoesNotExist: "embedded/states/operations.test.ts",
  ExecutionNotRedrivable: "embedded/states/operations.test.ts",
  FormNotTrusted: "console/request.test.ts",
  HttpEndpointNotEnabledException: "cli/foreign-clients.test.ts",
  IncompleteBody: "embedded/s3/protocol.test.ts",
  IncompleteSignature: "embedded/s3/protocol.test.ts",
  InternalError: "embedded/refused.test.ts",
  InternalServerErrorException: "embedded/refused.test.ts",
  Interrupted: "embedded/refused.test.ts",
  InvalidAccessKeyId: "embedded/identity/authenticate.test.ts",
  InvalidAction: "cli/foreign-clients.test.ts",
  InvalidArgument: "cli/foreign-clients.test.ts",
  InvalidArn: "cli/foreign-clients.test.ts",
  InvalidBucketName: "embedded/s3/protocol.test.ts",
  InvalidDigest: "embedded/s3/integrity.test.ts",
  InvalidEventCategoryException: "embedded/states/cloudtrail.test.ts",
  InvalidExecutionInput: "embedded/states/operations.test.ts",
  InvalidLookupAttributesException: "embedded/states/cloudtrail.test.ts",
  InvalidMaxResultsException: "embedded/states/cloudtrail.test.ts",
  InvalidName: "embedded/states/cloudtrail.test.ts",
  InvalidOutput: "embedded/states/tasks.test.ts",
  InvalidPart: "embedded/s3/multipart.test.ts",
  InvalidPartOrder: "embedded/s3/multipart.test.ts",
  InvalidRange: "embedded/s3/objects.test.ts",
  InvalidRequest: "embedded/s3/integrity.test.ts",
  InvalidSignatureException: "embedded/rds-data/service.test.ts",
  InvalidStateMachine: "embedded/refused.test.ts",
  InvalidTimeRangeException: "embedded/states/cloudtrail.test.ts",
  InvalidToken: "cli/foreign-clients.test.ts",
  InvalidURI: "embedded/refused.test.ts",
  KeyTooLongError: "embedded/s3/listing.test.ts",
  LinkUsed: "embedded/pages/signing-in.test.ts",
  LockTimeout: "embedded/refused.test.ts",
  MalformedXML: "embedded/s3/protocol.test.ts",
  MessageRejected: "embedded/refused.test.ts",
  MetadataTooLarge: "embedded/refused.test.ts",
  MethodNotAllowed: "embedded/s3/versions.test.ts",
  MissingAuthenticationToken: "embedded/mail/mail.test.ts",
  MissingContentLength: "embedded/s3/protocol.test.ts",
  NameTaken: "embedded/refused.test.ts",
  NoSuchBucket: "embedded/s3/protocol.test.ts",
  NoSuchKey: "embedded/s3/conditions.test.ts",
  NoSuchUpload: "embedded/s3/multipart.test.ts",
  NoSuchVersion: "embedded/s3/locked.test.ts",
  NotFound: "embedded/pages/handed-on.test.ts",
  NotFoundException: "embedded/kms/kms.test.ts",
  NotImplemented: "embedded/s3/protocol.test.ts",
  NotModified: "embedded/refused.test.ts",
  NotSignedIn: "cli/pages.test.ts",
  OtherDatabase: "embedded/refused.test.ts",
  PersonProblem: "embedded/identity/people.test.ts",
  PostgresStartFailed: "embedded/postgres/start.test.ts",
  PostgresUnavailable: "embedded/postgres/start.test.ts",
  PreconditionFailed: "embedded/s3/conditions.test.ts",
  RequestTimeTooSkewed: "embedded/identity/authenticate.test.ts",
  RequestTooLargeException: "embedded/functions/host.test.ts",
  ResourceNotFound: "embedded/refused.test.ts",
  ResourceNotFoundException: "embedded/functions/host.test.ts",
  "Runtime.ExitError": "embedded/functions/host.test.ts",
  "Sandbox.Timedout": "embedded/functions/host.test.ts",
  SerializationException: "embedded/states/door.test.ts",
  ServiceException: "embedded/functions/host.test.ts",
  SignatureDoesNotMatch: "embedded/s3/objects.test.ts",
  StateMachineDoesNotExist: "embedded/states/cloudtrail.test.ts",
  StatementTimeoutException: "embedded/rds-data/limits.test.ts",
  "States.DataLimitExceeded": "embedded/states/data-flow.test.ts",
  "States.Runtime": "embedded/states/branches.test.ts",
  TaskTimedOut: "embedded/states/children.test.ts",
  ThrottlingException: "embedded/rds-data/service.test.ts",
  TooLarge: "embedded/pages/handed-on.test.ts",
  TooManyAttempts: "cli/pages.test.ts",
  TransactionNotFoundException: "cli/foreign-clients.test.ts",
  UnknownOperationException: "cli/foreign-clients.test.ts",
  UnrecognizedClientException: "embedded/states/door.test.ts",
  UnsupportedResultException: "embedded/rds-data/limits.test.ts",
  ValidationException: "cli/foreign-clients.test.ts",
  WrongHost: "embedded/pages/handed-on.test.ts",
  WrongPassword: "embedded/pages/handed-on.test.ts",
  XAmzContentSHA256Mismatch: "embedded/s3/integrity.test.ts",
};

/** Errors that carry a name of AWS's, by which they are met. */
const carriers = new Set(["ServiceError", "StateFailure"]);

/** Of the stand-ins: errors that are classes of their own, what they are made by, and tables of the names of AWS. */
function namesOfStandIns(): Set<string> {
  const names = new Set<string>();
  for (const file of globSync("lib/embedded/**/*.ts", { cwd: root })) {
    const code = readFileSync(join(root, file), "utf8");
    const isTable = /\/(?:errors|refusals)\.ts$/u.test(file);
    for (const pattern of [
      /override readonly name = "([A-Za-z]+)"/gu,
      /new [A-Z]\w*\(\s*(?:\d+,\s*)?"([A-Z][A-Za-z0-9.]+)"\s*[,)]/gu,
      /^ {2}([A-Z]\w+): [345]\d\d,$/gmu,
      // Names of AWS that an error takes.
      ...(isTable ? [/^ {2}(?:readonly )?(?:override readonly name: |\| )"([A-Z]\w+)"/gmu] : []),
    ])
      for (const [, name = ""] of code.matchAll(pattern)) if (!carriers.has(name)) names.add(name);
  }
  return names;
}

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
  expect([...namesInCode()].sort()).toEqual(Object.keys(provoked).sort());
});

it.each(Object.entries(provoked))(
  "W13 %s is named by the test that provokes it, %s",
  (name, file) => {
    expect(readFileSync(join(root, "test", file), "utf8")).toMatch(
      new RegExp(`"${name}"|R\\d+ ${name}\\b`, "u"),
    );
  },
);

it("W13 every name by which a stand-in refuses stands in its table: a new one comes with its test", () => {
  expect([...namesOfStandIns()].sort()).toEqual(Object.keys(provokedOnThisMachine).sort());
});

it.each(Object.entries(provokedOnThisMachine))(
  "W13 %s of a stand-in is named by the test that provokes it, %s",
  (name, file) => {
    expect(readFileSync(join(root, "test", file), "utf8")).toMatch(
      new RegExp(`(?<![A-Za-z.])${name.replace(".", "\\.")}(?![A-Za-z])`, "u"),
    );
  },
);

/** Errors that are met by no name of their own: they take one of a table, or never leave the code that knows them. */
const namedOtherwise: Readonly<Record<string, string>> = {
  Refusal: "takes a name of the first table",
  CannotRun: "takes a name of the first table",
  SourceError: "is what those of sources are made of",
  OfTheMoment: "is what those are made of that pass by themselves",
  ChangedOnTheWay: "takes a name of the first table",
  CopiesNeeded: "tells a stage to copy files first",
  UnsafeName: "tells a source that a name leads out of its folder",
  RecordDamaged: "tells a source that a record cannot be read",
  JsonDamaged: "tells a source that bytes are no JSON",
  ObjectDamaged: "tells a source that an object cannot be read",
  MoreNeeded: "tells a source that an object goes on behind the bytes that are here",
  TooManyNames: "tells a source that a file has more names than a row has columns",
  OneFileUnreadable: "tells a source that one file cannot be read",
  SettingsInvalid: "is the deployment's, which infra/settings.test.ts asks for",
  ServiceError: "takes a name of the second table",
  StateFailure: "takes a name of the second table",
  S3Error: "takes a name of the second table",
  FunctionError: "takes a name of the second table, or a function's own",
  KmsRefused: "takes a name of the second table",
  MailRefused: "takes a name of the second table",
  RequestRefused: "takes a name of the second table",
  TurnedAway: "takes a name of the second table",
};

it("W13 every class of errors is met by its name in a table, or stands among those that take one: a new one is missed", () => {
  const parents = new Map<string, string>();
  const own = new Map<string, string>();
  for (const file of globSync("{lib,functions,serving}/**/*.ts", { cwd: root })) {
    const code = readFileSync(join(root, file), "utf8");
    for (const [, name = "", parent = "", body = ""] of code.matchAll(
      /class (\w+) extends (\w+)([\s\S]*?)\n?\}\n/gu,
    )) {
      parents.set(name, parent);
      const said = /override readonly name = "([A-Za-z]+)"/u.exec(body)?.[1];
      if (said !== undefined) own.set(name, said);
    }
  }
  const isError = (name: string): boolean => {
    const parent = parents.get(name);
    return parent !== undefined && (parent === "Error" || isError(parent));
  };
  const inATable = (name: string) => name in provoked || name in provokedOnThisMachine;
  const others = [...parents.keys()].filter(
    (name) => isError(name) && !inATable(own.get(name) ?? ""),
  );
  expect(others.sort()).toEqual(Object.keys(namedOtherwise).sort());
});
