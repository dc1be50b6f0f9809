import type { Checked, CheckedSource, Line, Seen, Wrong } from "./checked.ts";

/** What types see of a definition of several kinds of things while it is written. */
export interface SeenSeveral {
  readonly source: Readonly<Record<string, unknown>>;
  readonly references?: Readonly<Record<string, unknown>>;
  readonly entities: readonly SeenEntity[];
}

type SeenEntity = Seen["entity"] & {
  readonly name: string;
  readonly refs?: Readonly<Record<string, { readonly to: string }>>;
  readonly plan: readonly Line[];
};

/** {@link Checked} of each kind of things, and that what rows refer to stands above them, or is of their own kind. */
export type CheckedSeveral<D extends SeenSeveral> = CheckedSource<D> & {
  readonly entities: Each<D, D["entities"], never>;
};

type Each<
  D extends SeenSeveral,
  E extends readonly unknown[],
  Above extends string,
> = E extends readonly [infer First extends SeenEntity, ...infer Others]
  ? readonly [
      Checked<One<D, First>>["entity"] & Refs<First["refs"], Above | First["name"]>,
      ...Each<D, Others, Above | First["name"]>,
    ]
  : readonly unknown[];

/** One kind of things as a definition of it alone would be seen; its references are those of both sorts. */
interface One<D extends SeenSeveral, E extends SeenEntity> {
  readonly source: D["source"];
  readonly references: Readonly<Record<NamesOf<D["references"]> | NamesOf<E["refs"]>, unknown>>;
  readonly entity: E;
}

type NamesOf<R> = R extends Readonly<Record<string, unknown>> ? keyof R & string : never;

type Refs<R, Above extends string> =
  R extends Readonly<Record<string, { readonly to: string }>>
    ? {
        readonly refs: {
          readonly [K in keyof R]: R[K]["to"] extends Above
            ? unknown
            : string extends R[K]["to"]
              ? unknown
              : Wrong<`“${R[K]["to"]}” is no entity above this one.`>;
        };
      }
    : unknown;
