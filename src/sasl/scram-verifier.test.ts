import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveScramVerifier, formatScramVerifier, parseScramVerifier } from './scram-verifier.ts';

test('a verifier survives being written down', async () => {
  const verifier = await deriveScramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096);
  const text = formatScramVerifier(verifier);
  // The same account in PostgreSQL's notation, which is RFC 5803's.
  assert.equal(
    text,
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
  assert.deepEqual(parseScramVerifier(text), verifier);
});

test('what is no verifier is not read as one', () => {
  const key = Buffer.alloc(32).toString('base64');
  assert.ok(parseScramVerifier(`SCRAM-SHA-256$4096:c2FsdA==$${key}:${key}`));
  for (const bad of [
    '',
    '$argon2id$v=19$m=64,t=1,p=1$AQEBAQ$AQEB',
    `SCRAM-SHA-256$0:c2FsdA==$${key}:${key}`,
    `SCRAM-SHA-256$999999999:c2FsdA==$${key}:${key}`,
    `SCRAM-SHA-256$4096:c2FsdA$${key}:${key}`,
    `SCRAM-SHA-256$4096:c2FsdA==$${key}:${key}x`,
    `SCRAM-SHA-1$4096:c2FsdA==$${key}:${key}`,
  ]) {
    assert.equal(parseScramVerifier(bad), undefined, bad);
  }
});
