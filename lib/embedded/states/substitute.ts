/** A substitution that was left open, such as `${ImportFunction}`. */
export const OPEN_SUBSTITUTION = /\$\{[^}]*\}/g;

/**
 * Puts values in the place of `${Name}` in the text of a definition, as CloudFormation does with
 * DefinitionSubstitutions; values are escaped for the JSON string they stand in. Names without a
 * value stay as they are, for `lintStateMachine` to find.
 */
export function substitute(definitionText: string, values: Record<string, string>): string {
  return definitionText.replace(OPEN_SUBSTITUTION, (whole) => {
    const name = whole.slice(2, -1);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? whole : JSON.stringify(value).slice(1, -1);
  });
}
