/** Whatever is written into a method's arguments, it is answered or refused by name: never a fault of the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EMAIL_PROPERTIES } from '#contract/jmap/email.ts';
import { IDENTITY_PROPERTIES } from '#contract/jmap/identity.ts';
import { MAILBOX_PROPERTIES } from '#contract/jmap/mailbox.ts';
import { EMAIL_SUBMISSION_PROPERTIES } from '#contract/jmap/submission.ts';
import { VACATION_RESPONSE_PROPERTIES } from '#contract/jmap/vacation-response.ts';
import { isObject } from '#contract/jmap/values.ts';
import { methods } from '#jmap/registry.ts';
import { ACCOUNT_ID, message, openJmap } from '#jmap/testing/jmap.ts';

/** Every argument and property that means something somewhere, and what is nearly one. */
const NAMES = [
  ...EMAIL_PROPERTIES,
  ...IDENTITY_PROPERTIES,
  ...MAILBOX_PROPERTIES,
  ...EMAIL_SUBMISSION_PROPERTIES,
  ...VACATION_RESPONSE_PROPERTIES,
  ...'keywords/$seen mailboxIds/M1-1 mailboxIds/ keywords/a~1b envelope/mailFrom type partId subParts value'.split(' '),
  ...'header:Subject:asText header:X:asRaw:all header: header:To:asDate header:Reply-To:asGroupedAddresses'.split(' '),
  ...'operator conditions inMailbox hasKeyword after minSize property isAscending keyword header'.split(' '),
  ...'rcptTo email parameters HOLDFOR data:asText data digest:sha offset length digest:sha-256 # __proto__'.split(' '),
  ...'constructor toString #a a '.split(' '),
];
/** Ids, states and what sorts. */
const LIKELY = '1 2 receivedAt name M1-1 E1-1 T1-1 I1-1 S1-1 B1-1 K1-1 C1-1'.split(' ');
const WORDS = [
  ...LIKELY,
  ...'B1-1-1 U1-00 M1-999999 E2-1 #a #nobody A2 singleton octets inbox $seen'.split(' '),
  ...'AND NOT receivedAt someInThreadHaveKeyword text/plain multipart/mixed 2026-01-01T00:00:00Z canceled'.split(' '),
  '',
  '\0',
  '\r\nBcc: x@y.example',
  '会议',
  '🀄'.repeat(50),
  'x'.repeat(5000),
  'zhang@kust.example',
  '2026-99-99T00:00:00Z',
];

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(...WORDS),
    fc.constantFrom<unknown>(null, true, false, 0, -0, 1, -1, 1.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e308),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 5 }),
    fc.dictionary(fc.constantFrom(...WORDS), tie('value'), { maxKeys: 3 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
  ),
}));

/** What fits the schema, and now and then what does not: most calls get past the check of their arguments. */
function nearly(schema: Shape): fc.Arbitrary<unknown> {
  const shaped = schema.pipe?.findLast((step) => step.kind === 'schema') ?? schema;
  return fc.oneof({ weight: 30, arbitrary: fitting(shaped) }, { weight: 1, arbitrary: value });
}

/** As much of a valibot schema as is looked into. */
interface Shape {
  readonly kind: string;
  readonly type: string;
  readonly pipe?: readonly Shape[];
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly wrapped?: Shape;
  readonly item?: Shape;
  readonly key?: Shape;
  readonly value?: Shape;
  readonly literal?: unknown;
  readonly options?: readonly unknown[];
  readonly getter?: (input: object) => Shape;
}

function fitting({
  type,
  entries,
  wrapped,
  item,
  key,
  value: held,
  literal,
  options,
  getter,
}: Shape): fc.Arbitrary<unknown> {
  if (entries !== undefined) {
    const required = Object.keys(entries).filter((name) => entries[name]?.type !== 'optional');
    const fields = Object.entries(entries).map(([name, schema]) => [name, nearly(schema)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required });
  }
  if (wrapped !== undefined) return type === 'nullable' ? fc.option(nearly(wrapped), { freq: 4 }) : nearly(wrapped);
  if (item !== undefined) return fc.array(nearly(item), { maxLength: 3 });
  if (key !== undefined && held !== undefined)
    return fc.dictionary(fc.constantFrom(...WORDS, ...NAMES), nearly(held), { maxKeys: 3 });
  if (options !== undefined) return fc.constantFrom(...options);
  if (getter !== undefined) return filterOf(nearly(getter({})));
  if (type === 'literal') return fc.constant(literal);
  if (type === 'boolean') return fc.boolean();
  if (type === 'number') return fc.oneof(fc.nat(3), fc.maxSafeInteger());
  return type === 'string' ? fc.oneof(fc.constantFrom(...LIKELY), fc.constantFrom(...WORDS, ...NAMES)) : value;
}

function filterOf(condition: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const operator = fc.constantFrom('AND', 'OR', 'NOT');
  const some = fc.record({ operator, conditions: fc.array(condition, { maxLength: 3 }) });
  return fc.oneof(condition, some, fc.record({ operator, conditions: fc.array(some, { maxLength: 2 }) }));
}

test('whatever the arguments, a method answers or refuses', async (t) => {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const faults: unknown[] = [];
  Object.assign(jmap.services, {
    log: { ...jmap.services.log, error: ({ err }: { readonly err: unknown }) => void faults.push(err) },
  });
  const letter = jmap.mail.prepareMessage(message('From: zhang@kust.example\nTo: li@kust.example\nSubject: a\n\nb\n'));
  await jmap.account.append({ items: [{ message: letter, mailboxes: ['inbox'], keywords: [] }], source: 'imap' });
  const answered = new Set<string>();
  for (const { name, arguments: schema } of methods.values()) {
    const args = nearly(schema as unknown as Shape).map((given) =>
      isObject(given) ? { ...given, accountId: ACCOUNT_ID } : {},
    );
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        const [response] = await jmap.request([[name, given]]);
        assert.deepEqual(faults, [], JSON.stringify([name, given]));
        if (response?.[0] !== 'error') answered.add(name);
        else assert.equal(typeof response[1]['type'], 'string');
      }),
      { numRuns: 300 },
    );
  }
  // Or nothing was tried but the check of arguments.
  assert.ok(answered.size > methods.size / 2, [...answered].join(' '));
});
