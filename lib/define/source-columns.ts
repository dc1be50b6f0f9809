/**
 * The columns of a table of the source, as types know them: of one that is read those that it declares, of one that
 * is made those of what it is made of, as `completeTables` puts them together. Any, where names are computed, or where
 * a table is made of itself, which `check` says.
 *
 * @template Above the tables that are made of it
 */
export type ColumnsOf<Source, Table, Above = never> = Table extends Above
  ? string
  : Table extends keyof Source
    ? Source[Table] extends { readonly made: infer How }
      ? Opened<How, MadeOf<Source, How, Above | Table> | Declared<Source[Table]>> | Numbered<How>
      : Declared<Source[Table]>
    : string;

type Declared<Table> = Table extends { readonly columns: readonly (infer Column)[] }
  ? Column
  : string;

type MadeOf<Source, How, Above = never> = How extends {
  readonly each: infer Table;
  readonly list: infer List;
}
  ? Exclude<ColumnsOf<Source, Table, Above>, List>
  : How extends { readonly joined: infer Table; readonly with: infer Partners }
    ? ColumnsOf<Source, Table, Above> | OfPartners<Source, Partners, Above>
    : How extends { readonly grouped: infer Table; readonly by: readonly (infer By)[] }
      ? By | ColumnsOf<Source, Table, Above> | OfGroup<How>
      : string;

type OfPartners<Source, Partners, Above> = {
  [Name in keyof Partners & string]: Partners[Name] extends { readonly table: infer Table }
    ?
        | `${Name}.${ColumnsOf<Source, Table, Above> & string}`
        | (Partners[Name] extends { readonly each: true } ? `${Name}.${"pair" | "first"}` : never)
    : string;
}[keyof Partners & string];

type OfGroup<How> =
  | "group.rows"
  | "group.differs"
  | (How extends { readonly values?: infer Values } ? `group.${keyof Values & string}` : never);

type Opened<How, Columns> = How extends { readonly opened: infer Inside }
  ? Exclude<Columns, keyof Inside> | OfObjects<Inside>
  : Columns;
type OfObjects<Inside> = {
  [Column in keyof Inside & string]: Inside[Column] extends readonly (infer Name extends string)[]
    ? `${Column}.${Name}`
    : string;
}[keyof Inside & string];

type Numbered<How> = How extends { readonly numbered: unknown } ? "row.place" : never;

/** A sentence for each column of a field that one of the tables, from which its rows are read, does not declare. */
export type Undeclared<Source, Tables, Field> = Tables extends keyof Source & string
  ? OfField<Field, ColumnsOf<Source, Tables>, Tables>
  : never;

/** Each by itself: beside a name that is computed another one is still known. */
type OfField<Field, Known, Table extends string> = Field extends {
  readonly parts: readonly (infer Part)[];
}
  ? SaidOf<Exclude<Part, Known>, Table>
  :
      | (Field extends { readonly from: infer From } ? SaidOf<Exclude<From, Known>, Table> : never)
      | (Field extends { readonly absent?: infer Absent }
          ? SaidOf<Exclude<OneOf<Absent>, Known>, Table>
          : never)
      | (Field extends { readonly at: infer At } ? OfField<At, Known, Table> : never)
      | (Field extends { readonly country?: infer Country }
          ? SaidOf<Exclude<Country, Known>, Table>
          : never)
      | (Field extends { readonly says: infer Says }
          ? SaidOf<Exclude<Says[keyof Says], Known>, Table>
          : never);

type OneOf<Columns> = Columns extends readonly (infer Column)[] ? Column : Columns;

/** Of a name that is computed nothing is known. */
type SaidOf<Column, Table extends string> = Column extends string
  ? string extends Column
    ? never
    : `“${Column}” is no column of “${Table}”.`
  : never;

/** The same of the columns that a table has to have, or that there is no such table. */
type Lacks<Source, Table, Columns> = Table extends string
  ? Table extends keyof Source
    ? SaidOf<Exclude<Columns, ColumnsOf<Source, Table>>, Table>
    : string extends Table
      ? never
      : `“${Table}” is no table of the source.`
  : never;

/** A sentence for each column that a reference is staged from and its table does not declare, or for the table. */
export type UndeclaredOf<Source, Reference> = Reference extends { readonly from: infer Table }
  ?
      | Lacks<Source, Table, never>
      | (Reference extends { readonly id: infer Id } ? Lacks<Source, Table, Id> : never)
      | (Reference extends { readonly label: infer Label } ? Lacks<Source, Table, Label> : never)
      | (Reference extends { readonly code: infer Code } ? Lacks<Source, Table, Code> : never)
      | (Reference extends { readonly parent: { readonly column: infer Column } }
          ? Lacks<Source, Table, Column>
          : never)
  : never;

/** A sentence for each table, and each column of one, that a table of the source names and that is not declared. */
export type UndeclaredIn<Source, Name extends keyof Source & string> =
  | SaidOf<Exclude<NamedBy<Source[Name]>, ColumnsOf<Source, Name>>, Name>
  | (Source[Name] extends { readonly made: infer How } ? OfMade<Source, Name, How> : never);

/** The columns that are told to have other names or parts, or to hold what another row has, and by what. */
type NamedBy<Table> =
  | (Table extends { readonly named: infer Names } ? keyof Names : never)
  | (Table extends { readonly parted: infer Wholes } ? keyof Wholes : never)
  | (Table extends { readonly inherited: infer Inherited }
      ? keyof Inherited | OfInherited<Inherited[keyof Inherited]>
      : never);
type OfInherited<Each> = Each extends {
  readonly named: infer Named;
  readonly by: readonly (infer By)[];
}
  ? Named | By
  : never;

type OfMade<Source, Name extends keyof Source & string, How> =
  | OfBase<Source, How>
  | (How extends { readonly opened: infer Inside }
      ? SaidOf<Exclude<keyof Inside, MadeOf<Source, How>>, FromOf<How>>
      : never)
  | (How extends { readonly numbered: infer By }
      ? OfNumbered<
          By,
          Exclude<ColumnsOf<Source, Name> | MadeOf<Source, How> | ListOf<How>, Numbered<How>>,
          FromOf<How>
        >
      : never);

/** Rows are numbered by columns of theirs, and of what they are made of, be it opened or their list; not by their place. */
type OfNumbered<By, Known, Table extends string> =
  | (By extends { readonly within: readonly (infer Column)[] }
      ? SaidOf<Exclude<Column, Known>, Table>
      : never)
  | (By extends { readonly by: readonly (infer Column)[] }
      ? SaidOf<Exclude<Column, Known>, Table>
      : never)
  | (By extends { readonly keep: infer Column } ? SaidOf<Exclude<Column, Known>, Table> : never);
type ListOf<How> = How extends { readonly list: infer List } ? List : never;

type OfBase<Source, How> = How extends { readonly each: infer Table; readonly list: infer List }
  ? Lacks<Source, Table, List>
  : How extends { readonly joined: infer Table; readonly with: infer Partners }
    ? Lacks<Source, Table, never> | OfOn<Source, How, Partners[keyof Partners]>
    : How extends {
          readonly grouped: infer Table;
          readonly by: readonly (infer By)[];
          readonly order: readonly (infer Order)[];
        }
      ? Lacks<Source, Table, By> | Lacks<Source, Table, Order>
      : never;

type OfOn<Source, How, Partner> = Partner extends {
  readonly table: infer Table;
  readonly on: infer On;
}
  ? Lacks<Source, Table, keyof On> | SaidOf<Exclude<On[keyof On], MadeOf<Source, How>>, FromOf<How>>
  : never;

type FromOf<How> = How extends
  | { readonly each: infer Table extends string }
  | { readonly joined: infer Table extends string }
  | { readonly grouped: infer Table extends string }
  ? Table
  : never;
