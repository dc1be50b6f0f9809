import { afterEach, beforeEach, expect, it } from "vitest";
import { ask, chain, PREFIX, StandIn } from "./stand-in.ts";

const machines = {
  parent: chain({
    Child: {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: `${PREFIX}:stateMachine:child`, Input: {} },
    },
  }),
  child: chain({ Gate: ask("send") }),
};

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(() => {
  process.off("unhandledRejection", note);
});

it("W2 closed at any moment of a parent and its child, the service leaves no error unhandled", async () => {
  for (let moment = 1, closed = true; closed; moment++) {
    const standIn = await StandIn.start(machines, { send: () => {} });
    let looks = 0;
    let closes = (_: Promise<void>) => {};
    const closing = new Promise<boolean>((resolve) => {
      closes = (close) => void close.then(() => resolve(true));
    });
    const waits = new Promise<boolean>((resolve) => {
      standIn.functions.send = () => resolve(false);
    });
    standIn.looked = () => {
      looks++;
      if (looks === moment) closes(standIn.service.close());
    };
    standIn.begin("parent").catch(() => {});
    closed = await Promise.race([closing, waits]);
    standIn.looked = () => {};
    await standIn.close();
    expect(unhandled, `closed at look ${moment}`).toEqual([]);
  }
});
