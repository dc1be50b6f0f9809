-- The club's new platform (PostgreSQL), as far as the `wild-apricot` migration touches or guards it: names are quoted,
-- ids are made by the application, and every time is UTC in a column that does not say so.
CREATE TYPE "RegistrationStatus" AS ENUM ('DRAFT', 'PENDING_PAYMENT', 'PENDING', 'CONFIRMED', 'WAITLISTED', 'CANCELLED',
  'REFUND_PENDING', 'REFUNDED', 'NO_SHOW');
CREATE TYPE "EventStatus" AS ENUM ('DRAFT', 'PENDING_APPROVAL', 'CHANGES_REQUESTED', 'APPROVED', 'PUBLISHED', 'CANCELED',
  'COMPLETED');
CREATE TYPE "AuditAction" AS ENUM ('CREATE', 'UPDATE', 'DELETE', 'IMPORT');

CREATE TABLE "MembershipStatus" (
  "id"                   UUID PRIMARY KEY,
  "code"                 TEXT NOT NULL UNIQUE,
  "label"                TEXT NOT NULL,
  "description"          TEXT,
  "isActive"             BOOLEAN NOT NULL DEFAULT true,
  "isEligibleForRenewal" BOOLEAN NOT NULL DEFAULT false,
  "isBoardEligible"      BOOLEAN NOT NULL DEFAULT false,
  "sortOrder"            INTEGER NOT NULL DEFAULT 0,
  "createdAt"            TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"            TIMESTAMP(3) NOT NULL
);
CREATE TABLE "MembershipTier" (
  "id"        UUID PRIMARY KEY,
  "code"      TEXT NOT NULL UNIQUE,
  "name"      TEXT NOT NULL,
  "sortOrder" INTEGER NOT NULL DEFAULT 0,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE TABLE "Member" (
  "id"                   UUID PRIMARY KEY,
  "firstName"            TEXT NOT NULL,
  "lastName"             TEXT NOT NULL,
  "email"                TEXT NOT NULL UNIQUE,      -- tells capitals from small letters
  "phone"                TEXT,
  "joinedAt"             TIMESTAMP(3) NOT NULL,
  "membershipStatusId"   UUID NOT NULL REFERENCES "MembershipStatus" ON DELETE RESTRICT,
  "membershipTierId"     UUID REFERENCES "MembershipTier" ON DELETE SET NULL,
  "waMembershipLevelRaw" TEXT,
  "waRawData"            JSONB,
  "profilePhotoId"       UUID UNIQUE,
  "createdAt"            TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"            TIMESTAMP(3) NOT NULL
);
CREATE TABLE "Event" (
  "id"                   UUID PRIMARY KEY,
  "title"                TEXT NOT NULL,
  "description"          TEXT,
  "category"             TEXT,
  "location"             TEXT,
  "startTime"            TIMESTAMP(3) NOT NULL,
  "endTime"              TIMESTAMP(3),
  "capacity"             INTEGER,
  "isPublished"          BOOLEAN NOT NULL DEFAULT false,
  "status"               "EventStatus" NOT NULL DEFAULT 'DRAFT',
  "publishAt"            TIMESTAMP(3),
  "registrationDeadline" TIMESTAMP(3),
  "requiresRegistration" BOOLEAN NOT NULL DEFAULT true,
  "registrationOpensAt"  TIMESTAMP(3),
  "publishedAt"          TIMESTAMP(3),
  "eventChairId"         UUID REFERENCES "Member" ON DELETE SET NULL,
  "committeeId"          UUID,
  "activityGroupId"      UUID,
  "clonedFromId"         UUID,
  "createdAt"            TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"            TIMESTAMP(3) NOT NULL
);
CREATE INDEX "Event_startTime_idx" ON "Event" ("startTime");
CREATE TABLE "EventRegistration" (
  "id"               UUID PRIMARY KEY,
  "eventId"          UUID NOT NULL REFERENCES "Event" ON DELETE CASCADE,
  "memberId"         UUID NOT NULL REFERENCES "Member" ON DELETE CASCADE,
  "ticketTierId"     UUID,
  "status"           "RegistrationStatus" NOT NULL DEFAULT 'DRAFT',
  "waitlistPosition" INTEGER,
  "registeredAt"     TIMESTAMP(3) NOT NULL,
  "cancelledAt"      TIMESTAMP(3),
  "confirmedAt"      TIMESTAMP(3),
  "createdAt"        TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"        TIMESTAMP(3) NOT NULL,
  UNIQUE ("eventId", "memberId")
);
CREATE INDEX "EventRegistration_memberId_idx" ON "EventRegistration" ("memberId");

-- Not written: its ids are whole numbers, and those of exports are texts. The run's ledger says which row became which.
CREATE TABLE "WaIdMapping" (
  "id"         UUID PRIMARY KEY,
  "entityType" TEXT NOT NULL,
  "waId"       INTEGER NOT NULL,
  "clubosId"   UUID NOT NULL,
  "syncedAt"   TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"  TIMESTAMP(3) NOT NULL,
  UNIQUE ("entityType", "waId")
);
CREATE TABLE "WaSyncState" (
  "id"              UUID PRIMARY KEY,
  "lastFullSync"    TIMESTAMP(3),
  "lastIncSync"     TIMESTAMP(3),
  "lastContactSync" TIMESTAMP(3),
  "lastEventSync"   TIMESTAMP(3),
  "lastRegSync"     TIMESTAMP(3),
  "metadata"        JSONB
);
CREATE TABLE "AuditLog" (
  "id"           UUID PRIMARY KEY,
  "action"       "AuditAction" NOT NULL,
  "resourceType" TEXT NOT NULL,
  "resourceId"   UUID NOT NULL,
  "memberId"     UUID REFERENCES "Member" ON DELETE SET NULL,
  "before"       JSONB,
  "after"        JSONB,
  "metadata"     JSONB,
  "createdAt"    TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
