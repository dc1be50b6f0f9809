import { arrow, box, type Kind, label, picture } from "./svg.ts";

const part = (x: number, y: number, kind: Kind, title: string, ...lines: string[]): string =>
  box({ x, y, width: 170, height: 40 + 15 * lines.length, kind, title, lines });

const frame = (x: number, y: number, width: number, height: number, title: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="none" stroke="#8a94a6" stroke-dasharray="6 5"/>` +
  label({ x: x + 14, y: y + 20 }, title, { size: 12, anchor: "start", ink: "#5b6577" });

/** What a deployment consists of, and who talks to whom. */
export function architecture(): string {
  return picture(1150, 620, "wavegate as it is deployed", [
    frame(230, 30, 690, 560, "your account, one region"),
    frame(490, 75, 410, 120, ""),
    label({ x: 695, y: 189 }, "network without a way to the internet", {
      size: 12,
      ink: "#5b6577",
    }),

    part(30, 95, "outside", "Operator", "CLI or console"),
    part(30, 333, "outside", "Approver", "browser or terminal"),
    part(30, 498, "outside", "Auditor", "assumes a role"),
    part(950, 95, "outside", "Legacy database", "MySQL, SELECT only"),
    part(950, 498, "outside", "On call", "mail of an alarm"),

    part(260, 87, "step", "Step Functions", "migration, wave,", "rollback"),
    part(510, 95, "step", "Import", "three functions"),
    part(720, 90, "step", "Endpoints", "rds-data, secrets,", "cloudtrail"),
    part(260, 232, "step", "SES", "a personal link"),
    part(510, 225, "step", "Stages", "a function a state,", "a role for each"),
    part(720, 225, "store", "Secrets Manager", "a password a role,", "token key"),
    part(260, 325, "step", "HTTP API", "throttled, no paths", "in its log"),
    part(490, 333, "step", "Front door", "sign-in and pages"),
    part(720, 325, "store", "Aurora PostgreSQL", "platform + staging,", "over the Data API"),
    part(260, 425, "person", "Cognito", "people and groups,", "or your directory"),
    part(490, 498, "store", "Evidence", "S3, Object Lock"),
    part(720, 490, "step", "CloudWatch", "metrics, dashboard,", "alarms"),

    arrow("M200 122H256"),
    label({ x: 228, y: 115 }, "starts", { size: 11, halo: true }),
    arrow("M430 122H506"),
    arrow("M430 140C480 150 455 245 506 250"),
    arrow("M595 95V58H1035V91"),
    label({ x: 820, y: 54 }, "reads", { size: 11, halo: true }),
    arrow("M680 122H716"),
    arrow("M805 160V221"),
    arrow("M680 258H716"),
    arrow("M668 295C672 330 690 342 716 346"),
    arrow("M645 295C692 340 698 430 636 494"),
    arrow("M506 268H434"),
    arrow("M256 260C140 262 115 290 115 329", { dashed: true }),
    label({ x: 150, y: 262 }, "mail", { size: 11, halo: true }),
    arrow("M200 360H256"),
    arrow("M430 360H486"),
    arrow("M660 368H716"),
    arrow("M510 333C440 300 470 200 390 161"),
    label({ x: 456, y: 305 }, "the answer", { size: 11, halo: true }),
    arrow("M345 421V399"),
    arrow("M200 525H486"),
    label({ x: 340, y: 541 }, "reads runs/*", { size: 11, halo: true }),
    arrow("M890 525H946"),
  ]);
}
