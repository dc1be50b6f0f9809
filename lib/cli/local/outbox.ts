import { listMail, type Mail } from "../../embedded/mail/outbox.ts";
import { homeAt } from "../../embedded/runtime/home.ts";
import type { Io } from "../io.ts";

/** Mails the runtime of this folder took, the oldest first; also while it does not run. */
export const sentMail = (io: Io): Promise<Mail[]> => listMail(homeAt(io.env, io.cwd).outbox);
