import { createHmac, timingSafeEqual } from "node:crypto";
import { Refusal } from "./errors.ts";
import type { Stamp, Stamper } from "./services.ts";

/** A key of the environment; under a shorter one anybody could make what only wavegate makes. Errors: `EnvironmentIncomplete`. */
export function keyBytes(name: string, key: string): Buffer {
  const bytes = Buffer.from(key, "base64");
  if (bytes.length === 32) return bytes;
  throw new Refusal(
    "EnvironmentIncomplete",
    `${name} is not 32 bytes in base64. Nothing was written.`,
  );
}

/** A stamper under a key of 32 bytes in base64: `payload.mac`, each base64url. */
export function createStamper(key: string): Stamper {
  const bytes = keyBytes("WAVEGATE_STAMP_KEY", key);
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
