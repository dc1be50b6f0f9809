/** What a masked cell looks like (D20), by column. */
export const masks: Readonly<Record<string, RegExp>> = {
  name: /^(?:|•••|\p{L}[\p{L}\p{M}]{0,2}\.(?: \p{L}[\p{L}\p{M}]{0,2}\.){0,3})$/u,
  phone: /^(?:|•••|[1-9]\d{0,2}•{3,}\d\d)$/,
  email: /^(?:|•••|[^@]?•••@[^@]+)$/u,
  birth_year: /^\d{0,6}$/,
};
