/**
 * AddressBook and ContactCard (RFC 9610), somebody's own 通讯录; cards are JSContact's (RFC 9553). What we look into has its
 * form here; everything else in a card is kept as it came.
 */
import * as v from 'valibot';
import {
  changesArguments,
  filterOf,
  getArguments,
  queryArguments,
  queryChangesArguments,
  setArguments,
} from './core.ts';
import { Id, IdOrNew, UnsignedInt, UTCDate, mapOf, setOf } from './values.ts';

/** RFC 9610 §2. */
export interface AddressBook {
  readonly id: Id;
  readonly name: string;
  readonly description: string | null;
  readonly sortOrder: number;
  /** One of an account's is: where cards go that name none. */
  readonly isDefault: boolean;
  readonly isSubscribed: boolean;
  /** Nobody: a book is its owner's alone. */
  readonly shareWith: null;
  readonly myRights: {
    readonly mayRead: boolean;
    readonly mayWrite: boolean;
    readonly mayShare: boolean;
    readonly mayDelete: boolean;
  };
}

export const ADDRESS_BOOK_PROPERTIES = [
  'id',
  'name',
  'description',
  'sortOrder',
  'isDefault',
  'isSubscribed',
  'shareWith',
  'myRights',
] as const satisfies readonly (keyof AddressBook)[];

export const AddressBookGet = v.strictObject(getArguments);
export const AddressBookChanges = v.strictObject(changesArguments);
export const AddressBookSet = v.strictObject({
  ...setArguments,
  onDestroyRemoveContents: v.optional(v.boolean(), false),
  onSuccessSetIsDefault: v.optional(v.nullable(IdOrNew), null),
});

/** What may be said of a book. What is taken away has its default. */
export const AddressBookChange = v.strictObject({
  name: v.string(),
  description: v.optional(v.nullable(v.string()), null),
  sortOrder: v.optional(UnsignedInt, 0),
  isSubscribed: v.optional(v.literal(true), true),
  shareWith: v.optional(v.null(), null),
});

const text = v.string();
const typed = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.optional(mapOf(Id, v.looseObject(entries)));

const NameComponent = v.looseObject({ kind: text, value: text });

/** RFC 9553 §2, as far as anything here reads it: the rest is kept unread. */
export const Card = v.looseObject({
  '@type': v.optional(v.literal('Card'), 'Card'),
  version: v.optional(text, '1.0'),
  uid: v.pipe(text, v.regex(/^[^\p{Cc}]{1,255}$/u, 'not a uid')),
  kind: v.optional(text, 'individual'),
  created: v.optional(UTCDate),
  updated: v.optional(UTCDate),
  name: v.optional(v.looseObject({ full: v.optional(text), components: v.optional(v.array(NameComponent)) })),
  nicknames: typed({ name: text }),
  organizations: typed({
    name: v.optional(text),
    units: v.optional(v.array(v.looseObject({ name: text }))),
  }),
  titles: typed({ name: text }),
  emails: typed({
    address: text,
    label: v.optional(text),
    contexts: v.optional(setOf(text)),
    pref: v.optional(UnsignedInt),
  }),
  phones: typed({
    number: text,
    label: v.optional(text),
    contexts: v.optional(setOf(text)),
    features: v.optional(setOf(text)),
  }),
  onlineServices: typed({ service: v.optional(text), uri: v.optional(text), user: v.optional(text) }),
  addresses: typed({
    full: v.optional(text),
    components: v.optional(v.array(NameComponent)),
    contexts: v.optional(setOf(text)),
  }),
  notes: typed({ note: text }),
  /** Of a `group`: the uids of its members. */
  members: v.optional(setOf(v.pipe(text, v.regex(/^[^\p{Cc}]{1,255}$/u, 'not a uid')))),
});
export type Card = v.InferOutput<typeof Card>;

/** RFC 9610 §3. */
export interface ContactCard extends Card {
  readonly id: Id;
  readonly addressBookIds: Readonly<Record<Id, true>>;
}

export const ContactCardGet = v.strictObject(getArguments);
export const ContactCardChanges = v.strictObject(changesArguments);
export const ContactCardSet = v.strictObject(setArguments);
export const ContactCardCopy = v.strictObject({ ...setArguments, fromAccountId: Id });

/** Which books a card is in; the rest of what is created or changed is the card's. */
export const CardBooks = v.optional(setOf(IdOrNew));

/** RFC 9610 §3.3.1. `text` and `name` find by pinyin, too: the nearest first where nothing is said of the order. */
export const ContactCardFilterCondition = v.strictObject({
  inAddressBook: v.optional(Id),
  uid: v.optional(text),
  hasMember: v.optional(text),
  kind: v.optional(text),
  createdBefore: v.optional(UTCDate),
  createdAfter: v.optional(UTCDate),
  updatedBefore: v.optional(UTCDate),
  updatedAfter: v.optional(UTCDate),
  text: v.optional(text),
  name: v.optional(text),
  'name/given': v.optional(text),
  'name/surname': v.optional(text),
  'name/surname2': v.optional(text),
  nickname: v.optional(text),
  organization: v.optional(text),
  email: v.optional(text),
  phone: v.optional(text),
  onlineService: v.optional(text),
  address: v.optional(text),
  note: v.optional(text),
});
export type ContactCardFilterCondition = v.InferOutput<typeof ContactCardFilterCondition>;

const list = {
  filter: v.optional(v.nullable(filterOf(ContactCardFilterCondition)), null),
  sort: v.optional(
    v.nullable(
      v.array(
        v.strictObject({
          property: v.string(),
          isAscending: v.optional(v.boolean(), true),
          collation: v.optional(v.string()),
        }),
      ),
    ),
    null,
  ),
};

export const ContactCardQuery = v.strictObject({ ...queryArguments, ...list });
export const ContactCardQueryChanges = v.strictObject({ ...queryChangesArguments, ...list });

/** Ours: what stands in files of vCards or tables that were uploaded; nothing is kept of it. */
export const ContactCardParse = v.strictObject({ accountId: Id, blobIds: v.array(Id) });

export interface ContactCardParseResponse {
  readonly accountId: Id;
  /** By blob: its cards, in order; how many entries of it were none, or more than an account keeps. */
  readonly parsed: Readonly<Record<Id, { readonly cards: readonly Card[]; readonly skipped: number }>> | null;
  readonly notParsable: readonly Id[] | null;
  readonly notFound: readonly Id[] | null;
}

export const CARD_FORMATS = ['vcard', 'csv'] as const;

/** Ours: cards as a file to download. `ids` null: all. */
export const ContactCardExport = v.strictObject({
  accountId: Id,
  ids: v.optional(v.nullable(v.array(Id)), null),
  format: v.picklist(CARD_FORMATS),
});

export interface ContactCardExportResponse {
  readonly accountId: Id;
  readonly blobId: Id;
  readonly type: string;
  readonly size: number;
  /** Cards in it; a table has no groups. */
  readonly count: number;
}

/** What its kinds of components are joined by where a name is not written out: Chinese names have nothing in between. */
const HAN = /\p{Script=Han}/u;

/** What a card is called: its name as it is written, or put together, or that of its organisation; '' for nothing. */
export function nameOfCard({
  name,
  nicknames,
  organizations,
}: Pick<Card, 'name' | 'nicknames' | 'organizations'>): string {
  const written = (name?.full ?? '').trim();
  if (written !== '') return written;
  const values = (kinds: readonly string[]): string[] =>
    (name?.components ?? []).filter(({ kind }) => kinds.includes(kind)).map(({ value }) => value);
  const surnames = values(['surname', 'surname2']);
  const given = values(['given', 'given2']);
  const parts = surnames.some((part) => HAN.test(part)) ? [...surnames, ...given] : [...given, ...surnames];
  if (parts.length > 0) return parts.join(parts.every((part) => HAN.test(part)) ? '' : ' ').trim();
  const [nickname] = Object.values(nicknames ?? {});
  const [organization] = Object.values(organizations ?? {});
  return nickname?.name ?? organization?.name ?? '';
}
