/** What of the catalogue rests on functions or operators that somebody made; what comes with PostgreSQL is recorded nowhere. */
export const ownFunctions = `
    select d.classid, d.objid from pg_depend d
     where d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)`;

/** Whether an expression of the platform's may stand in a statement: a colon of its own would be taken for a parameter. */
export const takesNoParameter = (text: string): string => `replace(${text}, '::', '') !~ ':'`;
