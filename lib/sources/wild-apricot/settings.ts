/** How to reach an account by its API. Holds the key: never log it whole. */
export interface WildApricotSettings {
  readonly driver: "wild-apricot";
  readonly connection: string;
  readonly account: string;
  readonly apiKey: string;
  /** Where the reading is kept that a run imports: a folder of its own. */
  readonly path: string;
  /** Requests a second, at most. */
  readonly pace: number;
  readonly url: string;
  readonly tokenUrl: string;
  /** The organization's name, where it is another than the account's. */
  readonly organization?: string | null;
}
