import { createHmac, timingSafeEqual } from "node:crypto";
import type { Stamp, Stamper } from "./services.ts";

/** A stamper under a key of 32 bytes in base64: `payload.mac`, each base64url. */
export function createStamper(key: string): Stamper {
  const bytes = Buffer.from(key, "base64");
  const macOf = (payload: string) =>
    createHmac("sha256", bytes).update(`wavegate execution stamp ${payload}`).digest();
  return {
    sign: (stamp) => {
      const payload = Buffer.from(JSON.stringify(stamp)).toString("base64url");
      return `${payload}.${macOf(payload).toString("base64url")}`;
    },
    read: (text) => {
      const [payload = "", given = "", ...more] = text.split(".");
      const [mac, own] = [Buffer.from(given, "base64url"), macOf(payload)];
      if (more.length > 0 || mac.length !== own.length || !timingSafeEqual(mac, own)) {
        return undefined;
      }
      return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Stamp;
    },
  };
}
