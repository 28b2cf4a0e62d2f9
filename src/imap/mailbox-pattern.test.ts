import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { MailboxPattern } from './mailbox-pattern.ts';

const matches = (pattern: string, path: string): boolean => new MailboxPattern(pattern).matches(path);

it('matches as RFC 9051 §6.3.9 says', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*', 'a/b/c', true],
    ['%', 'a', true],
    ['%', 'a/b', false],
    ['a/%', 'a/b', true],
    ['a/%', 'a', false],
    ['a%', 'a', true],
    ['%/%', 'a/b', true],
    ['%b*c', 'ab/xc', true],
    ['*b%', 'a/b/c', false],
    ['inbox', 'INBOX', true],
    ['InBox/a', 'INBOX/a', true],
    ['inbox/A', 'INBOX/a', false],
    ['sent', 'Sent', false],
    ['归%', '归档 & Résumé', true],
    ['', 'a', false],
    ['a.c', 'abc', false],
  ];
  for (const [pattern, path, expected] of cases) assert.equal(matches(pattern, path), expected, `${pattern} ${path}`);
});

it('agrees with a plain recursive reading', () => {
  const reference = (pattern: string, path: string): boolean => {
    if (pattern === '') return path === '';
    const [first, rest] = [pattern[0] as string, pattern.slice(1)];
    if (first !== '*' && first !== '%') return path[0] === first && reference(rest, path.slice(1));
    if (reference(rest, path)) return true;
    return path !== '' && (first === '*' || path[0] !== '/') && reference(pattern, path.slice(1));
  };
  const text = (characters: string) => fc.string({ unit: fc.constantFrom(...characters.split('')), maxLength: 8 });
  fc.assert(
    fc.property(text('ab/*%'), text('ab/'), (pattern, path) => {
      assert.equal(matches(pattern, path), reference(pattern, path));
    }),
    { numRuns: 2000 },
  );
});

it('does not blow up', () => {
  const pattern = new MailboxPattern('*a%'.repeat(600));
  for (let i = 0; i < 20; i++) assert.equal(pattern.matches('a'.repeat(550)), false);
});
