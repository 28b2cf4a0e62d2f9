/**
 * Person and Unit, ours: 组织通讯录, whom one can write to here. Person/query finds while somebody types; neither has /changes or
 * /set. Ids are of the directory, the same in every account.
 */
import * as v from 'valibot';
import { getArguments, queryArguments } from './core.ts';
import type { Id } from './values.ts';

export interface Person {
  readonly id: Id;
  /** A `group` is written to by one address, too. */
  readonly kind: 'person' | 'group';
  readonly name: string;
  readonly email: string;
  /** 学院 or 部门; '' where there is none. */
  readonly unit: string;
}

export const PERSON_PROPERTIES = ['id', 'kind', 'name', 'email', 'unit'] as const satisfies readonly (keyof Person)[];

export interface Unit {
  readonly id: Id;
  readonly name: string;
  readonly count: number;
}

export const UNIT_PROPERTIES = ['id', 'name', 'count'] as const satisfies readonly (keyof Unit)[];

export const PersonGet = v.strictObject(getArguments);
export const UnitGet = v.strictObject(getArguments);

/**
 * One of the two. `text`: a name as it is written, in pinyin, by initials or a mixture; the beginning of an address or of a number that
 * is one; a unit; the nearest come first, and only so many. `unit`: all of a unit, by name.
 */
export const PersonFilter = v.union([
  v.strictObject({ text: v.pipe(v.string(), v.maxLength(100)) }),
  v.strictObject({ unit: v.string() }),
]);

export type PersonFilter = v.InferOutput<typeof PersonFilter>;

export const PersonQuery = v.strictObject({ ...queryArguments, filter: PersonFilter });
