/** An account as its exports write it: texts in columns. What kind of dirt a row is, is said beside it. */
export interface Account {
  readonly members: readonly Contact[];
  readonly events: readonly ClubEvent[];
  readonly registrations: readonly Registration[];
}

export interface Contact {
  readonly id: string;
  readonly kind: string;
  readonly first: string;
  readonly last: string;
  readonly email: string;
  readonly phone: string;
  readonly archived: string;
  readonly made: string;
  readonly enabled: string;
  readonly level: string;
  readonly status: string;
  readonly since: string;
  readonly renewal: string;
  readonly bundle: string;
  readonly role: string;
}

export interface ClubEvent {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly tags: string;
  readonly location: string;
  readonly starts: string;
  readonly ends: string;
  readonly limit: string;
  readonly enabled: string;
  readonly access: string;
}

export interface Registration {
  readonly id: string;
  readonly kind: string;
  readonly contact: string;
  readonly event: string;
  readonly status: string;
  readonly registered: string;
  readonly cancelled: string;
  readonly waiting: string;
  readonly guests: string;
}
