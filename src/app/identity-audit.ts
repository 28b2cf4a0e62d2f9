/**
 * Writes down every change of who somebody is and what proves it, from the one place that all of them pass: the directory's
 * operations. Who asked for it is who is at work then (audit/acting.ts); where nobody is named, the system itself.
 */
import { currentActing } from '#audit/acting.ts';
import type { Audit } from '#audit/audit.ts';
import type { AuditAction, AuditDetail, AuditEvent } from '#audit/types.ts';
import type { AccountId } from '#base/ids.ts';
import type { FactorKind } from '#directory/types.ts';

interface Written {
  readonly action: AuditAction;
  readonly how: string;
  /** The arguments that are kept; what is not named is not: verifiers, telephones, texts. */
  readonly keeps?: readonly string[];
}

/** What is not named here changes nobody's identity: mail groups, filters, vacations, the directory's own book-keeping. */
const WRITTEN: Readonly<Record<string, Written>> = {
  activateAccount: { action: 'identity.account-activated', how: 'activated' },
  agree: { action: 'identity.terms', how: 'agreed', keeps: ['version'] },
  createAccount: { action: 'identity.account-created', how: 'created', keeps: ['address'] },
  deleteAccount: { action: 'identity.account-deleted', how: 'deleted' },
  updateAccount: {
    action: 'identity.account-changed',
    how: 'changed',
    keeps: ['state', 'stage', 'receives', 'sending', 'serviceClass'],
  },
  thaw: { action: 'identity.account-changed', how: 'opened again' },
  setHold: { action: 'identity.account-changed', how: 'hold' },
  setForwarding: { action: 'identity.account-changed', how: 'forwarding' },
  setPassword: { action: 'identity.password', how: 'set' },
  recoverAccount: { action: 'identity.password', how: 'recovered' },
  adoptPassword: { action: 'identity.password', how: 'upgraded' },
  bindPhone: { action: 'identity.phone', how: 'bound' },
  unbindPhone: { action: 'identity.phone', how: 'unbound' },
  addAlias: { action: 'identity.alias', how: 'added', keeps: ['address'] },
  chooseAlias: { action: 'identity.alias', how: 'chosen', keeps: ['address', 'alias'] },
  removeAlias: { action: 'identity.alias', how: 'removed', keeps: ['address'] },
  linkPerson: { action: 'identity.link', how: 'linked', keeps: ['number'] },
  setDelegation: { action: 'identity.delegation', how: 'set', keeps: ['delegateId'] },
  createBox: { action: 'identity.account-created', how: 'department mailbox', keeps: ['address', 'responsibleId'] },
  updateBox: { action: 'identity.account-changed', how: 'department mailbox', keeps: ['responsibleId'] },
  enrolPeople: { action: 'administration.roster', how: 'enrolled' },
  applyRoster: { action: 'administration.roster', how: 'applied', keeps: ['runId'] },
  undoRoster: { action: 'administration.roster', how: 'undone', keeps: ['runId'] },
  addDomain: { action: 'administration.domain', how: 'added', keeps: ['domain'] },
  removeDomain: { action: 'administration.domain', how: 'removed', keeps: ['domain'] },
};

/** What proves an account beside its password. What the directory keeps there for itself, alarms and former passwords, is none. */
const FACTOR_ACTIONS: Readonly<Partial<Record<FactorKind, AuditAction>>> = {
  client: 'identity.client-password',
  totp: 'identity.second-step',
  passkey: 'identity.second-step',
  sms: 'identity.second-step',
  recovery: 'identity.second-step',
  device: 'identity.second-step',
};

interface Change {
  readonly action: AuditAction;
  readonly detail: AuditDetail;
}

/** For the directory to tell of each operation that was committed, with its arguments and its result. */
export function writeChangesDown(audit: Pick<Audit, 'record'>): (name: string, args: unknown, value: unknown) => void {
  return (name, args, value) => {
    const given = (args ?? {}) as Readonly<Record<string, unknown>>;
    const accountId = idOf(given) ?? idOf(value);
    for (const { action, detail } of changesOf(name, given, value)) {
      const named = detail['address'] ?? detail['domain'] ?? detail['number'];
      audit.record({
        action,
        ...whoActs(),
        ...(accountId === undefined ? {} : { accountId }),
        subject: typeof named === 'string' ? named : accountId === undefined ? name : `#${accountId}`,
        detail,
      });
    }
  };
}

/** For the sessions of browsers to tell of those that somebody ends. */
export function writeEndedDown(audit: Pick<Audit, 'record'>): (accountId: AccountId, which: 'one' | 'all') => void {
  return (accountId, which) =>
    audit.record({
      action: 'sign-in.ended',
      ...whoActs(),
      accountId,
      subject: `#${accountId}`,
      detail: { sessions: which },
    });
}

function whoActs(): Pick<AuditEvent, 'actor' | 'via' | 'remoteAddress'> {
  const who = currentActing();
  return {
    actor: who?.actor ?? { kind: 'unnamed' },
    ...(who === undefined ? {} : { via: who.via }),
    ...(who?.remoteAddress === undefined ? {} : { remoteAddress: who.remoteAddress }),
  };
}

function changesOf(name: string, given: Readonly<Record<string, unknown>>, value: unknown): readonly Change[] {
  if (name === 'addFactor') return factorChanges('added', [given['kind'] as FactorKind], given['name'] as string);
  // Nothing of the kind was there.
  if (name === 'removeFactors') return value === 0 ? [] : factorChanges('removed', given['kinds'] as FactorKind[]);
  if (name === 'thaw' && value === false) return [];
  const written = Object.hasOwn(WRITTEN, name) ? WRITTEN[name] : undefined;
  if (written === undefined) return [];
  const { action, how, keeps = [] } = written;
  const kept = Object.fromEntries(
    keeps.flatMap((key): [string, AuditDetail[string]][] => {
      const argument = given[key];
      const isPlain = ['string', 'number', 'boolean'].includes(typeof argument) || argument === null;
      return isPlain ? [[key, argument as AuditDetail[string]]] : [];
    }),
  );
  return [{ action, detail: { how, ...kept } }];
}

function factorChanges(how: 'added' | 'removed', kinds: readonly FactorKind[], name = ''): readonly Change[] {
  const byAction = Map.groupBy(kinds, (kind) => FACTOR_ACTIONS[kind]);
  return Array.from(byAction).flatMap(([action, these]): readonly Change[] =>
    action === undefined ? [] : [{ action, detail: { how, kind: these.join(', '), ...(name === '' ? {} : { name }) } }],
  );
}

function idOf(value: unknown): AccountId | undefined {
  const { accountId } = (value ?? {}) as { readonly accountId?: unknown };
  return typeof accountId === 'number' ? (accountId as AccountId) : undefined;
}
