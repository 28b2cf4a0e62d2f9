/** A directory store in plain maps, for the tests of this folder: transactions one after another, undone when they throw. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { directoryOperations } from '#directory/operations.ts';
import type { DirectoryReader, DirectoryStore, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AddressRow, CredentialId, CredentialRow, DirectoryAccountRow, DomainRow } from '#directory/types.ts';

interface Rows {
  domains: Map<string, DomainRow>;
  accounts: Map<AccountId, DirectoryAccountRow>;
  addresses: Map<string, AddressRow>;
  credentials: Map<CredentialId, CredentialRow>;
}

function copyRows(rows: Rows): Rows {
  return {
    domains: new Map(rows.domains),
    accounts: new Map(rows.accounts),
    addresses: new Map(rows.addresses),
    credentials: new Map(rows.credentials),
  };
}

function createReader(rows: () => Rows, onRead: (method: string) => void): DirectoryReader {
  return {
    async domain(domain) {
      onRead('domain');
      return rows().domains.get(domain);
    },
    async domains() {
      onRead('domains');
      return [...rows().domains.values()].toSorted((a, b) => (a.domain < b.domain ? -1 : 1));
    },
    async account(accountId) {
      onRead('account');
      return rows().accounts.get(accountId);
    },
    async accounts(after, limit) {
      onRead('accounts');
      return [...rows().accounts.values()].filter(({ accountId }) => accountId > after).slice(0, limit);
    },
    async address(localPart, domain) {
      onRead('address');
      return rows().addresses.get(`${localPart}@${domain}`);
    },
    async addressesOf(accountId) {
      onRead('addressesOf');
      const own = [...rows().addresses.values()].filter((row) => row.accountId === accountId);
      return own.toSorted((a, b) => Number(b.kind === 'primary') - Number(a.kind === 'primary'));
    },
    async credentialsOf(accountId) {
      onRead('credentialsOf');
      return [...rows().credentials.values()].filter((row) => row.accountId === accountId);
    },
  };
}

export class MemoryDirectoryStore implements DirectoryStore {
  readonly reader: DirectoryReader;
  /** Calls of the committed reader, in order. */
  readonly reads: string[] = [];
  /** Whether watchers are told; off, a test sees what holds without them. */
  notifies = true;
  /** When set, every read rejects with it. */
  fault: Error | undefined;
  #rows: Rows = { domains: new Map(), accounts: new Map(), addresses: new Map(), credentials: new Map() };
  #lastId = 0;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<(accountId: AccountId) => void>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.reader = createReader(
      () => this.#rows,
      (method) => {
        if (this.fault !== undefined) throw this.fault;
        this.reads.push(method);
      },
    );
  }

  run(name: string, args: unknown): Promise<unknown> {
    const result = this.#queue.then(() => this.#runNow(name, structuredClone(args)));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  watch(listener: (accountId: AccountId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #runNow(name: string, args: unknown): Promise<unknown> {
    const operation = directoryOperations[name];
    if (operation === undefined) throw new Error(`no operation ${name}`);
    const rows = copyRows(this.#rows);
    const touched = new Set<AccountId>();
    const result = await operation.run(this.#createTransaction(rows, touched), args as never);
    this.#rows = rows;
    if (this.notifies) for (const accountId of touched) for (const listener of this.#listeners) listener(accountId);
    return structuredClone(result);
  }

  #createTransaction(rows: Rows, touched: Set<AccountId>): DirectoryTransaction {
    return {
      ...createReader(
        () => rows,
        () => undefined,
      ),
      nowMs: this.#now(),
      async insertDomain(row) {
        if (rows.domains.has(row.domain)) throw new MailError('alreadyExists', row.domain);
        rows.domains.set(row.domain, row);
      },
      async deleteDomain(domain) {
        for (const row of rows.addresses.values()) if (row.domain === domain) throw new MailError('inUse', domain);
        rows.domains.delete(domain);
      },
      allocateAccountId: async () => ++this.#lastId as AccountId,
      allocateCredentialId: async () => ++this.#lastId as CredentialId,
      async insertAccount(row) {
        rows.accounts.set(row.accountId, row);
        touched.add(row.accountId);
      },
      async updateAccount(row) {
        rows.accounts.set(row.accountId, row);
        touched.add(row.accountId);
      },
      async deleteAccount(accountId) {
        rows.accounts.delete(accountId);
        for (const [key, row] of rows.addresses) if (row.accountId === accountId) rows.addresses.delete(key);
        for (const [key, row] of rows.credentials) if (row.accountId === accountId) rows.credentials.delete(key);
        touched.add(accountId);
      },
      async insertAddress(row) {
        const key = `${row.localPart}@${row.domain}`;
        if (rows.addresses.has(key)) throw new MailError('alreadyExists', key);
        if (!rows.domains.has(row.domain)) throw new MailError('notFound', row.domain);
        rows.addresses.set(key, row);
        touched.add(row.accountId);
      },
      async deleteAddress(localPart, domain) {
        const row = rows.addresses.get(`${localPart}@${domain}`);
        if (row === undefined) return;
        rows.addresses.delete(`${localPart}@${domain}`);
        touched.add(row.accountId);
      },
      async insertCredential(row) {
        rows.credentials.set(row.credentialId, row);
        touched.add(row.accountId);
      },
      async updateCredential(row) {
        rows.credentials.set(row.credentialId, row);
        touched.add(row.accountId);
      },
      async deleteCredential(accountId, credentialId) {
        rows.credentials.delete(credentialId);
        touched.add(accountId);
      },
    };
  }
}
