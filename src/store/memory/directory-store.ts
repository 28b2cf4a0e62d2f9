/** DirectoryStore in memory: plain Maps, copied for each operation and swapped when it succeeds. */
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { DirectoryReader, DirectoryStore, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type {
  AccountId,
  AddressRow,
  CredentialId,
  CredentialRow,
  DirectoryAccountRow,
  DomainRow,
} from '#directory/types.ts';
import type { Operations } from '#store/operations.ts';
import { compareAddresses } from '#store/sql/directory-rows.ts';

interface DirectoryData {
  domains: Map<string, DomainRow>;
  accounts: Map<AccountId, DirectoryAccountRow>;
  /** By `localPart@domain`. */
  addresses: Map<string, AddressRow>;
  credentials: Map<CredentialId, CredentialRow>;
  lastAccountId: number;
  lastCredentialId: number;
}

export class MemoryDirectoryStore implements DirectoryStore {
  readonly reader: DirectoryReader;
  readonly #operations: Operations;
  readonly #clock: Clock;
  readonly #listeners = new Set<(accountId: AccountId) => void>();
  #data: DirectoryData = {
    domains: new Map(),
    accounts: new Map(),
    addresses: new Map(),
    credentials: new Map(),
    lastAccountId: 0,
    lastCredentialId: 0,
  };
  #last: Promise<unknown> = Promise.resolve();

  constructor(operations: Operations, clock: Clock) {
    this.#operations = operations;
    this.#clock = clock;
    this.reader = new MemoryDirectoryReader(() => this.#data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    const value = this.#last.then(() => this.#runOne(name, args));
    this.#last = value.catch(() => {});
    return value;
  }

  watch(listener: (accountId: AccountId) => void): () => void {
    const entry = (accountId: AccountId): void => listener(accountId);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  async #runOne(name: string, args: unknown): Promise<unknown> {
    const operation = this.#operations.directory[name];
    if (operation === undefined) throw new Error(`there is no directory operation ${name}`);
    const { domains, accounts, addresses, credentials } = this.#data;
    const data: DirectoryData = {
      ...this.#data,
      domains: new Map(domains),
      accounts: new Map(accounts),
      addresses: new Map(addresses),
      credentials: new Map(credentials),
    };
    const tx = new MemoryDirectoryTransaction(data, this.#clock.now());
    const value = structuredClone(await operation.run(tx as never, args as never));
    this.#data = data;
    queueMicrotask(() => {
      for (const accountId of tx.touched) for (const listener of this.#listeners) listener(accountId);
    });
    return value;
  }
}

class MemoryDirectoryReader implements DirectoryReader {
  protected readonly data: () => DirectoryData;

  constructor(data: () => DirectoryData) {
    this.data = data;
  }

  async domain(domain: string): Promise<DomainRow | undefined> {
    return this.data().domains.get(domain);
  }

  async domains(): Promise<readonly DomainRow[]> {
    return [...this.data().domains.values()].toSorted((a, b) => (a.domain < b.domain ? -1 : 1));
  }

  async account(accountId: AccountId): Promise<DirectoryAccountRow | undefined> {
    return this.data().accounts.get(accountId);
  }

  async accounts(after: number, limit: number): Promise<readonly DirectoryAccountRow[]> {
    const rows = [...this.data().accounts.values()].filter(({ accountId }) => accountId > after);
    return rows.toSorted((a, b) => a.accountId - b.accountId).slice(0, limit);
  }

  async address(localPart: string, domain: string): Promise<AddressRow | undefined> {
    return this.data().addresses.get(`${localPart}@${domain}`);
  }

  async addressesOf(accountId: AccountId): Promise<readonly AddressRow[]> {
    const rows = [...this.data().addresses.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted(compareAddresses);
  }

  async credentialsOf(accountId: AccountId): Promise<readonly CredentialRow[]> {
    const rows = [...this.data().credentials.values()].filter((row) => row.accountId === accountId);
    return rows.toSorted((a, b) => a.credentialId - b.credentialId);
  }
}

class MemoryDirectoryTransaction extends MemoryDirectoryReader implements DirectoryTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();
  readonly #data: DirectoryData;

  constructor(data: DirectoryData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async insertDomain(row: DomainRow): Promise<void> {
    if (this.#data.domains.has(row.domain))
      throw new MailError('alreadyExists', 'The domain exists', { data: { domain: row.domain } });
    this.#data.domains.set(row.domain, { ...row });
  }

  async deleteDomain(domain: string): Promise<void> {
    for (const address of this.#data.addresses.values()) {
      if (address.domain === domain)
        throw new MailError('inUse', `There are addresses in ${domain}`, { data: { domain } });
    }
    this.#data.domains.delete(domain);
  }

  async allocateAccountId(): Promise<AccountId> {
    return ++this.#data.lastAccountId as AccountId;
  }

  async allocateCredentialId(): Promise<CredentialId> {
    return ++this.#data.lastCredentialId as CredentialId;
  }

  async insertAccount(row: DirectoryAccountRow): Promise<void> {
    if (this.#data.accounts.has(row.accountId)) throw new Error(`account ${row.accountId} exists`);
    this.touched.add(row.accountId);
    this.#data.accounts.set(row.accountId, { ...row });
  }

  async updateAccount(row: DirectoryAccountRow): Promise<void> {
    this.touched.add(row.accountId);
    if (this.#data.accounts.has(row.accountId)) this.#data.accounts.set(row.accountId, { ...row });
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    this.touched.add(accountId);
    this.#data.accounts.delete(accountId);
    for (const [key, row] of this.#data.addresses) if (row.accountId === accountId) this.#data.addresses.delete(key);
    for (const [key, row] of this.#data.credentials)
      if (row.accountId === accountId) this.#data.credentials.delete(key);
  }

  async insertAddress(row: AddressRow): Promise<void> {
    if (!this.#data.domains.has(row.domain)) {
      throw new MailError('notFound', `There is no domain ${row.domain}`, { data: { domain: row.domain } });
    }
    this.touched.add(row.accountId);
    const address = `${row.localPart}@${row.domain}`;
    if (this.#data.addresses.has(address))
      throw new MailError('alreadyExists', `The address ${address} is taken`, { data: { address } });
    this.#data.addresses.set(address, { ...row });
  }

  async deleteAddress(localPart: string, domain: string): Promise<void> {
    const key = `${localPart}@${domain}`;
    const row = this.#data.addresses.get(key);
    if (row === undefined) return;
    this.touched.add(row.accountId);
    this.#data.addresses.delete(key);
  }

  async insertCredential(row: CredentialRow): Promise<void> {
    this.touched.add(row.accountId);
    this.#data.credentials.set(row.credentialId, { ...row });
  }

  async updateCredential(row: CredentialRow): Promise<void> {
    this.touched.add(row.accountId);
    if (this.#data.credentials.has(row.credentialId)) this.#data.credentials.set(row.credentialId, { ...row });
  }

  async deleteCredential(accountId: AccountId, credentialId: CredentialId): Promise<void> {
    this.touched.add(accountId);
    this.#data.credentials.delete(credentialId);
  }
}
