import { settings } from "../settings.ts";
import rehearsal from "./existing-cluster.ts";

/** Production: the same place, people from the company's directory, evidence that nobody can delete. */
export default settings({
  ...rehearsal,
  name: "wavegate-prod",
  account: "111122223333",
  stage: "prod",
  signOff: {
    mailFrom: "wavegate@example.com",
    domainPrefix: "wavegate-prod",
    signIn: {
      kind: "saml",
      name: "identity-center",
      metadataUrl: "https://portal.sso.eu-west-3.amazonaws.com/saml/metadata/EXAMPLE",
    },
  },
  evidence: {
    retentionDays: 3650,
    auditors: ["arn:aws:iam::111122223333:role/auditors"],
  },
  files: { sourceBucket: "legacy-files", targetBucket: "platform-files" },
  logDays: 731,
});
