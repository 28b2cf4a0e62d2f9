/** Person/query, Person/get and Unit/get, ours: the directory's address book. */
import { createHash } from 'node:crypto';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  PERSON_PROPERTIES,
  PersonGet,
  PersonQuery,
  UNIT_PROPERTIES,
  UnitGet,
  type Person,
} from '#contract/jmap/person.ts';
import type { Id } from '#contract/jmap/values.ts';
import type { Listing } from '#directory/address-book.ts';
import { ADDRESS_BOOK_LIMITS } from '#directory/limits.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { answerGet, chooseIds, chooseProperties } from '#jmap/core/get.ts';
import { answerQuery } from '#jmap/core/list.ts';
import { defineMethod } from '#jmap/core/method.ts';

/** What nobody keeps needs no state that changes. */
const STATE = '0';

export const personQuery = defineMethod({
  name: 'Person/query',
  capability: CAPABILITIES.directory,
  arguments: PersonQuery,
  async run({ services, accountId }, args) {
    const { addressBook } = services;
    const found =
      'text' in args.filter
        ? await addressBook.search(args.filter.text, ADDRESS_BOOK_LIMITS.found, accountId)
        : await addressBook.inUnit(args.filter.unit);
    const ids = found.map(({ key }) => formatKey(key));
    return answerQuery(args, ids, STATE, false);
  },
});

export const personGet = defineMethod({
  name: 'Person/get',
  capability: CAPABILITIES.directory,
  arguments: PersonGet,
  async run({ services }, args) {
    const properties = chooseProperties(args.properties, PERSON_PROPERTIES);
    // Everybody at once is a list for nobody to read.
    if (args.ids === null) throw new MethodError('requestTooLarge', 'name the ids');
    const list: Person[] = [];
    for (const id of chooseIds(args.ids)) {
      const key = parseKey(id);
      const listing = key === undefined ? undefined : await services.addressBook.find(key);
      if (listing)
        list.push({ id, kind: listing.kind, name: listing.name, email: listing.address, unit: listing.unit });
    }
    return answerGet(args, STATE, list, properties);
  },
});

export const unitGet = defineMethod({
  name: 'Unit/get',
  capability: CAPABILITIES.directory,
  arguments: UnitGet,
  async run({ services }, args) {
    const properties = chooseProperties(args.properties, UNIT_PROPERTIES);
    const units = (await services.addressBook.units()).map(({ name, count }) => ({ id: unitId(name), name, count }));
    return answerGet(args, contentState(units), units, properties);
  },
});

function formatKey(key: Listing['key']): Id {
  return typeof key === 'number' ? `P${key}` : key.replace('group ', 'G');
}

function parseKey(id: Id): Listing['key'] | undefined {
  const [, kind, digits] = /^([PG])([1-9]\d{0,15})$/.exec(id) ?? [];
  if (digits === undefined) return undefined;
  return (kind === 'P' ? Number(digits) : `group ${digits}`) as Listing['key'];
}

/** RFC 8620 §1.2 allows no Chinese characters in an id. */
function unitId(name: string): Id {
  return `U${createHash('sha256').update(name).digest('base64url').slice(0, 16)}`;
}
