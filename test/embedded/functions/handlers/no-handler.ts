export const handlers = "not a function";
