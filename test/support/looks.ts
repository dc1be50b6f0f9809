import { answerSigned } from "../../lib/console/signed-request.ts";
import { startPagesService } from "../../lib/embedded/pages/service.ts";
import { LookRequest, look } from "../../lib/review/steer/look.ts";
import type { Services } from "../../lib/services/services.ts";

/** What answers a terminal's questions about rows, over HTTP; whoever signs is `operator`. */
export const startLooks = (services: Services) =>
  startPagesService({
    verifyPassword: async () => undefined,
    signedBy: async () => "arn:aws:iam::000000000000:user/operator",
    signed: {
      "/looks": (event) =>
        answerSigned(event, { is: LookRequest, done: "looked at" }, (identity, request) =>
          look(services, identity, request),
        ),
    },
    invoke: async () => ({ statusCode: 404, headers: {}, body: "" }),
    port: 0,
  });
