/** A state of a machine in Amazon States Language, as far as pictures read it. */
export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Error?: string;
  readonly Choices?: readonly { readonly Next: string; readonly [key: string]: unknown }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly ItemProcessor?: Definition;
}

/** A state machine in Amazon States Language. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
