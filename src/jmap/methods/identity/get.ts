/** Identity/get and Identity/changes (RFC 8621 §6.1, 6.2). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { IDENTITY_PROPERTIES, IdentityChanges, IdentityGet } from '#contract/jmap/identity.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readRecordChanges } from '#jmap/core/record-changes.ts';
import { findDefault, readIdentities, toIdentity } from './read-identities.ts';

export const identityGet = defineMethod({
  name: 'Identity/get',
  capability: CAPABILITIES.submission,
  arguments: IdentityGet,
  async run(context, args) {
    const properties = chooseProperties(args.properties, IDENTITY_PROPERTIES);
    const { state, rows } = await readIdentities(context);
    const found = await findDefault(context, rows);
    const identities = rows.map((row) => toIdentity(context, row, found));
    identities.sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
    return answerGet(args, state, identities, properties);
  },
});

export const identityChanges = defineMethod({
  name: 'Identity/changes',
  capability: CAPABILITIES.submission,
  arguments: IdentityChanges,
  async run(context, args) {
    // Whoever looks sees the identities of addresses that are new; so do their changes.
    await readIdentities(context);
    return readRecordChanges(context, args, 'Identity');
  },
});
