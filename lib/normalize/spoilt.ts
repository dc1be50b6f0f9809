/** An error of a spreadsheet's formula in any language (`#N/A`, `#BEZUG!`, `#¿NOMBRE?`), or a cell too narrow for its day. */
const ERROR = /^#(?:N\/[A-Z]|NV|\u00A1?\p{Lu}{2,}[\d/]*!|\u00BF?\p{Lu}{3,}\?|#{3,})$/u;
/** A long number as it is shown in short, `1,00E+12`: what follows its first digits is lost. */
const SHORTENED = /^-?\d(?:[.,]\d+)?E\+\d{2,3}$/;
/** What keeps a number's zeros in a spreadsheet, and is no part of it: `="007"`, `'007`. */
const KEPT_AS_TEXT = /^(?:="[^"]*"|'[+\d][\d ./-]*)$/;
/** A control character as a spreadsheet's own files have it, and programs copy it out of them: `_x000D_`. */
const CONTROL = /_x00[01][\dA-Fa-f]_/;

/** Whether a text is what a spreadsheet left of one, or put around it, and not what somebody wrote. */
export const isSpoilt = (text: string): boolean =>
  ERROR.test(text) || SHORTENED.test(text) || KEPT_AS_TEXT.test(text) || CONTROL.test(text);
