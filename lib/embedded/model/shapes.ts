/** A member's shape, as far as AWS's service models constrain it. */
export type Shape =
  | {
      readonly type: "string";
      readonly min?: number;
      readonly max?: number;
      readonly values?: readonly string[];
      /** The value is not repeated in a refusal. */
      readonly sensitive?: true;
    }
  /** Bytes in base64; lengths are those of the bytes. */
  | { readonly type: "blob"; readonly min?: number; readonly max?: number }
  | { readonly type: "integer"; readonly min?: number; readonly max?: number }
  | { readonly type: "boolean" }
  | { readonly type: "timestamp" }
  | { readonly type: "list"; readonly of: Shape; readonly min?: number; readonly max?: number }
  | Structure;

/** A structure: what an operation takes, or one of its members. */
export interface Structure {
  readonly type: "structure";
  readonly required: readonly string[];
  readonly members: Readonly<Record<string, Shape>>;
}

export const string = (min?: number, max?: number): Shape & { type: "string" } => ({
  type: "string",
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});

export const sensitive = (max: number): Shape => ({ type: "string", max, sensitive: true });

export const oneOf = (...values: string[]): Shape => ({ type: "string", values });

export const integer = (min: number, max: number): Shape => ({ type: "integer", min, max });

export const boolean: Shape = { type: "boolean" };

export const list = (of: Shape, max?: number): Shape => ({
  type: "list",
  of,
  ...(max === undefined ? {} : { max }),
});

/** A structure; a name that ends in `!` is one that must be there. */
export function structure(members: Readonly<Record<string, Shape>>): Structure {
  const named = Object.entries(members);
  const bare = (name: string) => name.replace(/!$/, "");
  return {
    type: "structure",
    required: named
      .map(([name]) => name)
      .filter((name) => name.endsWith("!"))
      .map(bare),
    members: Object.fromEntries(named.map(([name, shape]) => [bare(name), shape])),
  };
}
