/** 通讯录 in the screens' words; jmap-address-book.ts asks the server. */
import type { PersonView } from './model.ts';

export interface ListedView extends PersonView {
  /** '' where there is none. */
  readonly unit: string;
  readonly isGroup: boolean;
  /** Of one's own contacts. */
  readonly own?: OwnContactView;
}

/** Somebody one has noted down oneself. '' for what is not known. */
export interface OwnContact {
  readonly name: string;
  /** The first one is written to. */
  readonly emails: readonly string[];
  readonly phone: string;
  readonly organization: string;
  readonly note: string;
}
export interface OwnContactView extends OwnContact {
  readonly id: string;
}

export interface UnitView {
  readonly name: string;
  readonly count: number;
}

/** Rejects when the server is not within reach. */
export interface AddressBook {
  /** By name, pinyin, initials, number or unit; the nearest first, only some. One's own contacts before others. */
  search(text: string): Promise<readonly ListedView[]>;
  units(): Promise<readonly UnitView[]>;
  /** All of a unit, by name. */
  inUnit(unit: string): Promise<readonly ListedView[]>;
  /** By name. */
  ownContacts(): Promise<readonly OwnContactView[]>;
  /** A new one, or in place of the one with that id: what else is known of it stays. */
  saveContact(contact: OwnContact, id?: string): Promise<'saved' | 'full' | 'failed'>;
  /** Answers what takes it back. */
  removeContact(id: string): Promise<(() => Promise<'saved' | 'full' | 'failed'>) | 'failed'>;
}

export function listOwn(own: OwnContactView): ListedView {
  return { name: own.name, address: own.emails[0] ?? '', unit: own.organization, isGroup: false, own };
}

/** Each address once, those before first. */
export function distinctPeople<Person extends PersonView>(people: readonly Person[]): readonly Person[] {
  return [
    ...new Map(people.toReversed().map((person) => [person.address.toLowerCase(), person])).values(),
  ].toReversed();
}
