/** ContactCard/set and ContactCard/copy (RFC 9610 §3.5, 3.6). */
import { randomId } from '#base/random.ts';
import { CAPABILITIES, type SetError } from '#contract/jmap/core.ts';
import { Card, CardBooks, ContactCardCopy, ContactCardSet } from '#contract/jmap/contacts.ts';
import { check, isObject, type Id } from '#contract/jmap/values.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { applyPatch, type Patch } from '#jmap/core/patch.ts';
import { refuseCopy } from '#jmap/core/refuse-copy.ts';
import { checkObject, requireSettable, resolveId, runSet, SetOutcome, toObject } from '#jmap/core/set.ts';
import { JMAP_STORE_LIMITS } from '#jmap/limits.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import type { CardRefusal, NewCard } from '#jmap/operations/set-contacts.ts';
import { formatRowId, parseRowId } from '#jmap/row-ids.ts';
import type { AddressBookId, CardId, CardRow } from '#jmap/types.ts';
import { toContactCard } from './get.ts';

export const contactCardSet = defineMethod({
  name: 'ContactCard/set',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: ContactCardSet,
  async run(context, args) {
    const { accountId, services } = context;
    const state = async (): Promise<string> => String((await services.records.cards(accountId, [])).state);
    const oldState = await requireSettable(args, state);
    const made = await createCards(context, args.create ?? {});
    const rest = { ...args, create: null, ifInState: null };
    const answer = await runSet<{ readonly id: Id }>(context, rest, {
      state,
      create: () => Promise.reject(new ObjectError('forbidden')),
      update: (id, patch) => update(context, id, patch),
      destroy: (id) => services.records.destroyCard({ accountId, id: requireId(context, id) }),
    });
    return { ...answer, oldState, created: toObject(made.created), notCreated: toObject(made.notCreated) };
  },
});

export const contactCardCopy = defineMethod({
  name: 'ContactCard/copy',
  capability: CAPABILITIES.contacts,
  access: 'own',
  arguments: ContactCardCopy,
  run: async (_, args) => refuseCopy(args),
});

/** Letters and digits of a uid made here, five bits each: the same nowhere else (RFC 9553 §2.1.9). */
const UID_LENGTH = 26;

/** Many in one operation: an import has thousands. */
async function createCards(
  context: MethodContext,
  create: Readonly<Record<Id, Patch>>,
): Promise<SetOutcome<{ readonly id: Id }>> {
  const { accountId, services, createdIds } = context;
  const outcome = new SetOutcome<{ readonly id: Id }>();
  const items: { readonly creationId: Id; readonly item: NewCard }[] = [];
  for (const [creationId, properties] of Object.entries(create))
    await outcome.attempt(outcome.notCreated, creationId, () => {
      items.push({ creationId, item: readNewCard(context, properties) });
    });
  for (let at = 0; at < items.length; at += JMAP_STORE_LIMITS.atOnce) {
    const slice = items.slice(at, at + JMAP_STORE_LIMITS.atOnce);
    const results = await services.records.createCards({ accountId, items: slice.map(({ item }) => item) });
    for (const [n, { creationId }] of slice.entries()) {
      const result = results[n] as CardRow | CardRefusal;
      if ('code' in result) {
        outcome.notCreated.set(creationId, toSetError(context, result));
        continue;
      }
      const { id, addressBookIds, uid, kind, version, created, updated } = toContactCard(context, result);
      const set = { id, addressBookIds, '@type': 'Card', version, uid, kind, created, updated };
      outcome.created.set(creationId, set);
      createdIds.set(creationId, id);
    }
    await context.pause();
  }
  return outcome;
}

function readNewCard(context: MethodContext, { addressBookIds, ...properties }: Patch): NewCard {
  const { clock, random } = context.services;
  const now = formatUtcDate(clock.now());
  const uid = randomId(random, UID_LENGTH);
  const card = checkCard({ uid, created: now, updated: now, ...properties });
  return { card, books: readBooks(context, addressBookIds) };
}

async function update(context: MethodContext, id: Id, patch: Patch): Promise<object> {
  const { accountId, services } = context;
  const rowId = requireId(context, id);
  const [row] = (await services.records.cards(accountId, [rowId])).rows;
  if (row === undefined) throw new ObjectError('notFound');
  const before = toContactCard(context, row);
  const { id: newId, addressBookIds, ...changed } = applyPatch(before, patch);
  if (newId !== before.id)
    throw new ObjectError('invalidProperties', 'an id cannot be changed', { properties: ['id'] });
  const updated = 'updated' in patch ? {} : { updated: formatUtcDate(services.clock.now()) };
  const card = checkCard({ ...changed, ...updated });
  const books = readBooks(context, addressBookIds);
  if (books.length === 0)
    throw new ObjectError('invalidProperties', 'a card is in one book at least', { properties: ['addressBookIds'] });
  await services.records.updateCard({ accountId, id: rowId, books, card });
  return updated;
}

function checkCard(value: Patch): Card {
  const card = checkObject(Card, value);
  // RFC 9610 §3: a picture may be named by a blob; here it is part of the card, or a link.
  const media = card['media'];
  if (isObject(media) && Object.values(media).some((one) => isObject(one) && one['blobId'] !== undefined))
    throw new ObjectError('invalidProperties', 'media come as data: or https: URIs', { properties: ['media'] });
  return card;
}

function readBooks(context: MethodContext, addressBookIds: unknown): readonly AddressBookId[] {
  const result = check(CardBooks, addressBookIds);
  const wrong = (why: string): never => {
    throw new ObjectError('invalidProperties', why, { properties: ['addressBookIds'] });
  };
  if (!result.ok) return wrong(result.why);
  const { accountId } = context;
  return Object.keys(result.value ?? {}).map(
    (id) => parseRowId('AddressBook', accountId, resolveId(context, id)) ?? wrong('there is no such address book'),
  );
}

function toSetError({ accountId }: MethodContext, { code, why, id }: CardRefusal): SetError {
  switch (code) {
    case 'alreadyExists':
      return {
        type: 'alreadyExists',
        description: why,
        ...(id === undefined ? {} : { existingId: formatRowId('ContactCard', accountId, id) }),
      };
    case 'tooLarge':
      return { type: 'tooLarge', description: why };
    case 'limit':
      return { type: 'overQuota', description: why };
    case 'invalid':
      return { type: 'invalidProperties', description: why, properties: ['addressBookIds'] };
  }
}

function requireId({ accountId }: MethodContext, id: Id): CardId {
  const rowId = parseRowId('ContactCard', accountId, id);
  if (rowId === undefined) throw new ObjectError('notFound');
  return rowId;
}
