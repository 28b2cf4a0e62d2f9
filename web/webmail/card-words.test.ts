import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Card } from '#contract/jmap/contacts.ts';
import { cardOfWords, patchOfWords, viewOfCard } from './card-words.ts';

const CARD = {
  '@type': 'Card',
  version: '1.0',
  uid: 'u',
  kind: 'individual',
  name: {
    components: [
      { kind: 'given', value: '国藩' },
      { kind: 'surname', value: '曾' },
    ],
  },
  emails: { a: { address: 'second@x.example', pref: 2, label: '家' }, b: { address: 'first@x.example', pref: 1 } },
  phones: { p: { number: '+86 871 1234', features: { voice: true } } },
  organizations: { o: { name: '昆明理工大学', units: [{ name: '教务处' }], sortAs: 'kmlg' }, q: { name: '学会' } },
  notes: { n: { note: '评审专家', created: '2026-01-01T00:00:00Z' } },
} as const satisfies Card;

test('a form shows a card', () => {
  assert.deepEqual(viewOfCard('C1', CARD), {
    id: 'C1',
    uid: 'u',
    isGroup: false,
    memberUids: [],
    name: '曾国藩',
    emails: ['first@x.example', 'second@x.example'],
    phones: ['+86 871 1234'],
    organization: '昆明理工大学',
    department: '教务处',
    title: '',
    note: '评审专家',
  });
});

test('what a form leaves as it was changes nothing; what stays keeps what else is said of it', () => {
  const words = viewOfCard('C1', CARD);
  assert.deepEqual(patchOfWords(CARD, words), {});
  assert.deepEqual(patchOfWords(CARD, { ...words, emails: ['second@x.example', 'new@x.example'] }), {
    emails: {
      '1': { address: 'second@x.example', pref: 1, label: '家' },
      '2': { address: 'new@x.example', pref: 2 },
    },
  });
  const changed = { ...words, name: '曾涤生', phones: [], organization: '', department: '', title: '教授', note: '' };
  assert.deepEqual(patchOfWords(CARD, changed), {
    name: { full: '曾涤生' },
    phones: null,
    organizations: { q: { name: '学会' } },
    titles: { '1': { name: '教授' } },
    notes: null,
  });
  assert.deepEqual(patchOfWords(CARD, { ...words, department: '' }), {
    organizations: { o: { sortAs: 'kmlg', name: '昆明理工大学' }, q: { name: '学会' } },
  });
});

test('a new card says what the form says, and no more', () => {
  const nothing = { emails: [], phones: [], organization: '', department: '', title: '', note: '' };
  assert.deepEqual(cardOfWords({ ...nothing, name: '王芳', emails: ['w@x.example'] }), {
    '@type': 'Card',
    version: '1.0',
    name: { full: '王芳' },
    emails: { '1': { address: 'w@x.example' } },
  });
});
