/** The settings screens' model over the client core. What is saved here is told to be saved only when the server has it. */
import type { MailMove } from '#contract/jmap/mail-move.ts';
import type { GetResponse, SetError, SetResponse } from '#contract/jmap/core.ts';
import type { Delegation } from '#contract/jmap/delegation.ts';
import type { FilterRule, MailFilterApplyResponse } from '#contract/jmap/mail-filter.ts';
import type { Client } from '#web/jmap/client.ts';
import { failureOf } from '#web/jmap/failures.ts';
import type { TypeName } from '#web/jmap/types.ts';
import { derive } from './derived.ts';
import { personOf, utcDate } from './jmap-words.ts';
import { emptyMailbox } from './jmap-deletions.ts';
import { MAILBOX_ROLES } from './model.ts';
import type {
  FilterView,
  FolderView,
  ForwardingView,
  OwnIdentityView,
  SaveResult,
  SettingsModel,
  VacationView,
} from './settings-model.ts';

/** The latest letters a rule is tried on. */
const TRIED = 50;

export function createJmapSettings(client: Client): SettingsModel {
  const { accountId, connection, store, actions, changes } = client;
  /** One `/set` of one object, and then what the server made of it. */
  async function set(type: TypeName, args: Readonly<Record<string, unknown>>): Promise<SaveResult> {
    try {
      const { notCreated, notUpdated, notDestroyed } = await connection.call(`${type}/set`, { accountId, ...args });
      await store.sync([type]);
      const error = Object.values({ ...notCreated, ...notUpdated, ...notDestroyed })[0];
      return error === undefined ? 'saved' : refusalOf(error);
    } catch (error) {
      return { why: failureOf(error).kind === 'offline' ? 'offline' : 'failed', address: undefined };
    }
  }
  /** They are no part of the store: one page shows them, and asks. */
  async function setDelegates(args: Readonly<Record<string, unknown>>): Promise<SaveResult> {
    try {
      const { notCreated, notUpdated, notDestroyed } = (await connection.call('Delegation/set', {
        accountId,
        ...args,
      })) as SetResponse<Delegation>;
      const error = Object.values({ ...notCreated, ...notUpdated, ...notDestroyed })[0];
      if (error?.type === 'invalidProperties') return { why: 'unusable', address: error.invalidRecipients?.[0] };
      return error === undefined ? 'saved' : refusalOf(error);
    } catch (error) {
      return { why: failureOf(error).kind === 'offline' ? 'offline' : 'failed', address: undefined };
    }
  }
  const update = (type: TypeName, id: string, patch: object) => set(type, { update: { [id]: patch } });

  async function readFilter(): Promise<Pick<FilterView, 'blocked' | 'blockedInto'>> {
    const { list } = await connection.call('MailFilter/get', { accountId, ids: null });
    return { blocked: list[0]?.blocked ?? [], blockedInto: list[0]?.blockedInto ?? 'junk' };
  }

  /** The latest of what the inbox has from an address; nothing where it cannot be had. Never rejects. */
  async function inboxFrom(address: string): Promise<readonly string[]> {
    const inbox = actions.mailboxOf('inbox');
    if (inbox === undefined) return [];
    try {
      const filter = { operator: 'AND', conditions: [{ inMailbox: inbox.id }, { from: address }] };
      const { maxObjectsInGet: limit } = await connection.limits();
      const sort = [{ property: 'receivedAt', isAscending: false }];
      const { ids } = await connection.call('Email/query', { accountId, filter, sort, limit });
      await store.need('Email', ids);
      // `from` finds the words of an address in any order, and in names.
      return ids.filter((id) => store.peek('Email', id)?.from?.[0]?.email?.toLowerCase() === address);
    } catch (error) {
      failureOf(error);
      return [];
    }
  }

  return {
    identities: derive((read) =>
      read('Identity', () => store.all('Identity'))?.map(
        ({ id, name, email, isDefault, htmlSignature, textSignature }): OwnIdentityView => ({
          id,
          name: name ?? '',
          address: email ?? '',
          isDefault: isDefault ?? false,
          signatureHtml: htmlSignature || paragraphs(textSignature ?? ''),
        }),
      ),
    ),
    saveIdentity: (id, { name, signatureHtml, signatureText }) =>
      update('Identity', id, {
        ...(name !== undefined && { name }),
        ...(signatureHtml !== undefined && { htmlSignature: signatureHtml, textSignature: signatureText ?? '' }),
      }),

    vacation: derive((read): VacationView | undefined => {
      const response = read('VacationResponse', () => store.all('VacationResponse'))?.[0];
      return (
        response && {
          isEnabled: response.isEnabled ?? false,
          from: response.fromDate ? new Date(response.fromDate) : undefined,
          until: response.toDate ? new Date(response.toDate) : undefined,
          subject: response.subject ?? '',
          insideText: response.textBody ?? '',
          outsideText: response.outsideTextBody ?? undefined,
        }
      );
    }),
    saveVacation: ({ isEnabled, from, until, subject, insideText, outsideText }) =>
      update('VacationResponse', 'singleton', {
        isEnabled,
        fromDate: from === undefined ? null : utcDate(from),
        toDate: until === undefined ? null : utcDate(until),
        subject: subject || null,
        textBody: insideText || null,
        outsideTextBody: outsideText || null,
      }),

    forwarding: derive((read): ForwardingView | undefined => {
      const rule = read('ForwardingRule', () => store.all('ForwardingRule'))?.[0];
      return (
        rule && {
          targets: rule.targets ?? [],
          keepsCopy: rule.keepsCopy ?? true,
          mayForwardOutside: rule.mayForwardOutside ?? false,
          allowedDomains: rule.allowedDomains ?? [],
          mayDropCopy: rule.mayDropCopy ?? false,
          maxTargets: rule.maxTargets ?? 1,
        }
      );
    }),
    saveForwarding: (targets, keepsCopy) => update('ForwardingRule', 'singleton', { targets, keepsCopy }),

    filter: derive((read): FilterView | undefined => {
      const filter = read('MailFilter', () => store.all('MailFilter'))?.[0];
      return (
        filter && {
          rules: filter.rules ?? [],
          blocked: filter.blocked ?? [],
          allowed: filter.allowed ?? [],
          blockedInto: filter.blockedInto ?? 'junk',
          maxRules: filter.maxRules ?? 0,
          sieve: filter.sieve ?? '',
        }
      );
    }),
    saveFilter: (change) => update('MailFilter', 'singleton', change),
    async block(address, { takesLetters }) {
      const entry = address.normalize('NFKC').toLowerCase();
      try {
        const { blocked, blockedInto } = await readFilter();
        const isNew = !blocked.includes(entry);
        const result = isNew ? await update('MailFilter', 'singleton', { blocked: [...blocked, entry] }) : 'saved';
        if (result !== 'saved') return result;
        const ids = takesLetters ? await inboxFrom(entry) : [];
        const step = blockedInto === 'trash' ? actions.moveToTrash(ids) : actions.markJunk(ids);
        return {
          count: step === undefined ? 0 : ids.length,
          async undo() {
            if (step !== undefined) changes.undo(step);
            if (!isNew) return;
            try {
              const { blocked: now } = await readFilter();
              await update('MailFilter', 'singleton', { blocked: now.filter((one) => one !== entry) });
            } catch (error) {
              failureOf(error);
            }
          },
        };
      } catch (error) {
        return { why: failureOf(error).kind === 'offline' ? 'offline' : 'failed', address: undefined };
      }
    },
    async tryRule(rule) {
      try {
        const args = { accountId, rule: named(rule), mailboxId: null, isTrial: true, limit: TRIED };
        const { examined, matched } = (await connection.call('MailFilter/apply', args)) as MailFilterApplyResponse;
        const emails = await connection.call('Email/get', {
          accountId,
          ids: matched,
          properties: ['from', 'subject'],
        });
        const letters = emails.list.map(({ id, from, subject }) => {
          const { name, address } = personOf(from?.[0] ?? { name: null, email: '' });
          return { id, from: name || address, subject: subject ?? '' };
        });
        return { examined, letters };
      } catch {
        return 'failed';
      }
    },
    async applyRule(rule, mailboxId) {
      let count = 0;
      try {
        for (let behind: string | null | undefined; behind !== null;) {
          const args = { accountId, rule, mailboxId, isTrial: false, ...(behind !== undefined && { behind }) };
          const slice = (await connection.call('MailFilter/apply', args)) as MailFilterApplyResponse;
          count += slice.matched.length;
          behind = slice.next;
        }
        return count;
      } catch {
        return undefined;
      }
    },

    folders: derive((read) =>
      read('Mailbox', () => store.all('Mailbox'))?.map((mailbox): FolderView => ({
        id: mailbox.id,
        name: mailbox.name ?? '',
        role: MAILBOX_ROLES.find((role) => role === mailbox.role),
        parentId: mailbox.parentId ?? undefined,
        total: mailbox.totalEmails ?? 0,
        unread: mailbox.unreadEmails ?? 0,
        isSubscribed: mailbox.isSubscribed ?? true,
        mayRename: mailbox.role === null && mailbox.myRights?.mayRename === true,
        mayDelete: mailbox.role === null && mailbox.myRights?.mayDelete === true,
      })),
    ),
    createFolder: (name, parentId) => set('Mailbox', { create: { new: { name, parentId, isSubscribed: true } } }),
    changeFolder: (id, change) => update('Mailbox', id, change),
    async deleteFolder(id) {
      const trash = store.peekAll('Mailbox')?.find(({ role }) => role === 'trash');
      try {
        await emptyMailbox(client, id, trash?.id ?? null);
      } catch (error) {
        return { why: failureOf(error).kind === 'offline' ? 'offline' : 'failed', address: undefined };
      }
      return set('Mailbox', { destroy: [id] });
    },

    async mailMove() {
      const { list } = (await connection.call('MailMove/get', { accountId })) as GetResponse<MailMove>;
      return list[0];
    },
    async dismissMailMove() {
      await connection.call('MailMove/dismiss', { accountId });
    },
    async delegates() {
      const { list } = (await connection.call('Delegation/get', { accountId })) as GetResponse<Delegation>;
      return list;
    },
    addDelegate: (address, rights) => setDelegates({ create: { new: { address, rights } } }),
    setDelegate: (id, rights) => setDelegates({ update: { [id]: { rights } } }),
    removeDelegate: (id) => setDelegates({ destroy: [id] }),
  };
}

/** A trial needs no name, which the server wants of a rule it keeps. */
function named(rule: FilterRule): FilterRule {
  return rule.name.trim() === '' ? { ...rule, name: '-' } : rule;
}

function refusalOf({ type, invalidRecipients, properties }: SetError): SaveResult {
  const address = invalidRecipients?.[0];
  switch (type) {
    case 'forbidden':
      return { why: 'forbidden', address };
    case 'invalidRecipients':
      return { why: 'nobody', address };
    case 'overQuota':
    case 'tooManyRecipients':
      return { why: 'tooMany', address };
    case 'alreadyExists':
      return { why: 'exists', address };
    case 'mailboxHasChild':
      return { why: 'hasChildren', address };
    case 'invalidProperties':
      if (properties?.includes('targets') === true) return { why: 'unusable', address };
      // A mailbox whose name is taken, or none at all.
      return { why: properties?.includes('name') === true ? 'exists' : 'invalid', address };
    default:
      return { why: 'failed', address };
  }
}

/** Text as the editor writes it. */
function paragraphs(text: string): string {
  if (text === '') return '';
  const escape = (line: string) => line.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return text
    .split('\n')
    .map((line) => `<p>${escape(line)}</p>`)
    .join('');
}
