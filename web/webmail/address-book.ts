/** 通讯录 in the screens' words; jmap-address-book.ts asks the server. */
import type { PersonView } from './model.ts';

export interface ListedView extends PersonView {
  /** '' where there is none. */
  readonly unit: string;
  readonly isGroup: boolean;
}

export interface UnitView {
  readonly name: string;
  readonly count: number;
}

/** Rejects when the server is not within reach. */
export interface AddressBook {
  /** By name, pinyin, initials, number or unit; the nearest first, only some. */
  search(text: string): Promise<readonly ListedView[]>;
  units(): Promise<readonly UnitView[]>;
  /** All of a unit, by name. */
  inUnit(unit: string): Promise<readonly ListedView[]>;
}

/** Each address once, those before first. */
export function distinctPeople<Person extends PersonView>(people: readonly Person[]): readonly Person[] {
  return [
    ...new Map(people.toReversed().map((person) => [person.address.toLowerCase(), person])).values(),
  ].toReversed();
}
