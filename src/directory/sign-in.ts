/**
 * Who is signing in? Finds the account a login means, checks the password (or a SCRAM proof) within the limits, and
 * says yes or why not. The one place where credentials are checked, whatever the protocol; sessions are not its matter.
 *
 * What is promised to users who are guessed at: an unknown user, a wrong domain, an account without a password and a
 * wrong password all take the same path, with the same look-ups and one password check each.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Metrics } from '#base/metrics.ts';
import type { Random } from '#base/random.ts';
import { WorkQueue } from '#base/work-queue.ts';
import { SCRAM_SALT_OCTETS } from '#sasl/limits.ts';
import type { AuthRefusal, AuthRefused, AuthResult, SaslAuthority, ScramAttempt } from '#sasl/mechanism.ts';
import { prepareString } from '#sasl/saslprep.ts';
import { hasSameScramSalt, parseScramVerifier } from '#sasl/scram-verifier.ts';
import type { ScramVerifier } from '#sasl/scram-verifier.ts';
import { formatAddress } from './address.ts';
import { CredentialCache } from './credential-cache.ts';
import {
  clientScramOf,
  digestClientPassword,
  findClientPassword,
  readClientPassword,
  scopesOf,
} from './client-passwords.ts';
import type { ClientScope } from './client-passwords.ts';
import { FACTOR_USE_EVERY_MS, MAX_ACCOUNTS_PER_PHONE, MAX_PASSWORD_LENGTH } from './limits.ts';
import { findLogin, type LoginMatch } from './login-name.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import { canonicalizePhone, PhoneVault } from './phone-number.ts';
import { findProof } from './proof.ts';
import type { SignInAttempt, SignInLimits } from './sign-in-limits.ts';
import type { Homes } from './homes.ts';
import { owesPhone } from './owes-phone.ts';
import { nearestHost, Realms, type Realm } from './realms.ts';
import { SignedIn } from './signed-in.ts';
import { hasSecondStep } from './second-steps.ts';
import { entryRefusal } from './stages.ts';
import type { AddressRow, CredentialRow, DirectoryAccountRow, FactorRow } from './types.ts';

export type SignInProtocol = 'imap' | 'pop3' | 'smtp' | 'managesieve' | 'http';

/** Where an attempt comes from. */
export interface SignInSource {
  readonly protocol: SignInProtocol;
  /** Numeric; the client's own, not a proxy's. */
  readonly remoteAddress: string;
  /** The host that was connected to, where the client named one: whose door it is, and what completes a bare name. */
  readonly host?: string | undefined;
  /** A person at our own page: a second step follows, where the account has one; passwords of programs are none here. */
  readonly isForm?: boolean;
  /** Whoever asks has a new password at hand, and sets it at once when this one is right. */
  readonly setsPassword?: boolean;
}

export interface SignInRequest extends SignInSource {
  /** In any spelling: `ＺＨＡＮＧ`, `zhang@kust.edu.cn`, an alias. */
  readonly login: string;
  readonly password: string;
  /** The account to act as, in any spelling; empty or absent for one's own. */
  readonly authzid?: string;
}

export interface SignInSettings {
  readonly defaultDomain: string | null;
  readonly scramIterations: number;
  /** Password checks at once, and how many may wait before `unavailable` is answered; for each thread. */
  readonly maxPasswordChecks: number;
  readonly maxPasswordChecksWaiting: number;
  /** Proven passwords remembered: accounts, and time since the last use. */
  readonly cachedCredentials: number;
  readonly credentialTtlMs: number;
  /**
   * Makes up the SCRAM salts of users that do not exist. 32 secret octets that must be the same in every thread and
   * after a restart, or made-up salts give themselves away by changing. Null: random for this process.
   */
  readonly decoyKey: Uint8Array | null;
  /**
   * Keyed digests of client passwords: 32 secret octets, kept apart from the database, the same in every thread and after a
   * restart. Null: random for this process.
   */
  readonly factorKey: Uint8Array | null;
  /**
   * Fingerprints of names and of what was guessed at them: 32 secret octets, the same in all threads whose guesses are
   * counted together. Null: random for this one.
   */
  readonly guessKey: Uint8Array | null;
  /** The key by which numbers of telephones are found, where people may sign in by theirs; null: they may not (domain.md A19). */
  readonly phoneKey: Uint8Array | null;
  /** Domains (of primary addresses) whose accounts are opened to programs by client passwords alone. */
  readonly clientPasswordDomains: ReadonlySet<string>;
}

/** How an attempt ended, for whoever keeps a record. */
export interface ConcludedSignIn {
  readonly source: SignInSource;
  /** Undefined: there is no such account. */
  readonly accountId: AccountId | undefined;
  /** The address signed in with; undefined where it is nobody's. */
  readonly loginAddress: string | undefined;
  readonly result: AuthResult;
}

export interface SignInParts {
  readonly reader: DirectoryReader;
  readonly hasher: PasswordHasher;
  /** A password was right by a verifier of another system: from now on there is one of ours. */
  readonly adopt: (credential: CredentialRow, password: string) => Promise<void>;
  readonly noteUse: (factor: Pick<FactorRow, 'accountId' | 'factorId' | 'usedAt' | 'usedFrom'>) => Promise<void>;
  readonly factorKey: Uint8Array;
  readonly limits: SignInLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly settings: SignInSettings;
  readonly realms: Realms;
  /** Where accounts are at home. */
  readonly homes: Homes;
  /** Told of each attempt; must not throw, and nobody waits for it. */
  readonly onConcluded?: (signIn: ConcludedSignIn) => void;
}

/** An id no account has: looking it up costs what looking up a real one does. */
const NOBODY = 0 as AccountId;
const WRONG = { ok: false, reason: 'invalidCredentials' } as const satisfies AuthResult;

/** What a login led to. `account` and `credential` are undefined for an unknown user. */
interface Candidate {
  readonly canonicalLogin: string;
  readonly loginAddress: string;
  /** For the limits: the account, or the name that is none. */
  readonly subject: string;
  readonly account: DirectoryAccountRow | undefined;
  readonly credential: CredentialRow | undefined;
  readonly factors: readonly FactorRow[];
}

/**
 * The credentials fit: the password, a client password, a token given to a program, or something else that its owner alone
 * has (`proof`). Whether the account may sign in is the next question.
 */
interface Right {
  readonly ok: true;
  readonly by: 'password' | 'proof' | 'token' | FactorRow;
}
type Check = Right | Extract<AuthResult, { ok: false }>;

/** What a password of a program, or a token, has to be good for. */
export const SCOPE_OF: Readonly<Record<SignInProtocol, ClientScope>> = {
  imap: 'imap',
  pop3: 'pop',
  smtp: 'smtp',
  managesieve: 'imap',
  http: 'jmap',
};

export class SignIn {
  readonly #parts: SignInParts;
  readonly #proven: CredentialCache;
  /** Sessions that are to end with their grounds. */
  readonly signedIn: SignedIn;
  readonly #checks: WorkQueue;
  /** A fingerprint is worth nothing outside the process. */
  readonly #fingerprintKey: Uint8Array;
  readonly #decoyKey: Uint8Array;
  readonly #phones: PhoneVault | undefined;
  /** Checks under way, so that a client opening five connections at once costs one hash and one guess. */
  readonly #underWay = new Map<string, Promise<Check>>();

  constructor(parts: SignInParts) {
    const { settings, clock, random } = parts;
    this.#parts = parts;
    this.#proven = new CredentialCache({
      clock,
      maxAccounts: settings.cachedCredentials,
      ttlMs: settings.credentialTtlMs,
    });
    this.#checks = new WorkQueue({
      concurrency: settings.maxPasswordChecks,
      maxWaiting: settings.maxPasswordChecksWaiting,
    });
    this.#fingerprintKey = settings.guessKey ?? random.bytes(32);
    this.signedIn = new SignedIn({
      reader: parts.reader,
      fingerprint: (text) => this.#fingerprint(text),
      maxAccounts: settings.cachedCredentials,
    });
    this.#decoyKey = settings.decoyKey ?? random.bytes(32);
    this.#phones = settings.phoneKey === null ? undefined : new PhoneVault(settings.phoneKey);
  }

  /** Rejects only for bugs and outages of the store. A refusal may be held back for some seconds. */
  async signIn(request: SignInRequest): Promise<AuthResult> {
    const candidate = await this.#findCandidate(request.login, request);
    return this.#conclude(candidate, await this.#checkPassword(candidate, request), request.authzid ?? '', request);
  }

  /**
   * For who has proven elsewhere to have been let in by the account's owner: whether the account may come in now, and so. `login`: the
   * address that the owner had signed in with; where that is another's by now, the primary one takes its place.
   */
  async signInByToken(
    { accountId, login }: { readonly accountId: AccountId; readonly login: string },
    authzid: string,
    source: SignInSource,
  ): Promise<AuthResult> {
    let candidate = await this.#findCandidate(login, source);
    if (candidate.account?.accountId !== accountId) candidate = await this.#primaryCandidate(accountId);
    return this.#conclude(candidate, { ok: true, by: 'token' }, authzid, source);
  }

  /** Its owner is here, as was proven without a password; whether the account is open to them, there and now. */
  async signInProven(accountId: AccountId, source: SignInSource): Promise<AuthResult> {
    return this.#conclude(await this.#primaryCandidate(accountId), { ok: true, by: 'proof' }, '', source);
  }

  /** For one connection's SASL exchanges. */
  authorityFor(source: SignInSource): SaslAuthority {
    return {
      verifyPassword: (login, password, authzid) => this.signIn({ ...source, login, password, authzid }),
      beginScram: (login, authzid) => this.#beginScram(login, authzid, source),
    };
  }

  /** After any change of the account: its proven password and its failures are forgotten, and its sessions reviewed. */
  async forget(accountId: AccountId): Promise<void> {
    this.#proven.forget(accountId);
    await this.signedIn.review(accountId);
    await this.#parts.limits.forget(accountSubject(accountId));
  }

  async #findCandidate(login: string, source: SignInSource): Promise<Candidate> {
    return this.#candidateOf(await this.#findLogin(login, source));
  }

  async #primaryCandidate(accountId: AccountId): Promise<Candidate> {
    const [primary] = await this.#parts.reader.addressesOf(accountId);
    return this.#candidateOf({ canonical: primary === undefined ? '' : formatAddress(primary), row: primary });
  }

  async #candidateOf({ canonical, row }: LoginMatch): Promise<Candidate> {
    const { reader } = this.#parts;
    const accountId = row?.accountId ?? NOBODY;
    const [account, credentials, factors] = await Promise.all([
      reader.account(accountId),
      reader.credentialsOf(accountId),
      reader.factorsOf(accountId),
    ]);
    return {
      canonicalLogin: canonical,
      loginAddress: row === undefined ? canonical : formatAddress(row),
      subject: account === undefined ? `name ${this.#fingerprint(canonical)}` : accountSubject(account.accountId),
      account,
      credential: findProof(credentials),
      factors,
    };
  }

  /** By a name; or, at our own pages, by the telephone that is bound to one account alone of those that may come in there. */
  async #findLogin(login: string, source: SignInSource): Promise<LoginMatch> {
    const phone = source.isForm === true ? canonicalizePhone(login) : undefined;
    const [named, owner] = await Promise.all([
      this.#findName(login, source),
      phone === undefined || this.#phones === undefined
        ? undefined
        : this.#findPhoneOwner(this.#phones.indexOf(phone), source),
    ]);
    // A number of the roster may look like one of a telephone.
    return named.row === undefined && owner !== undefined ? { canonical: formatAddress(owner), row: owner } : named;
  }

  async #findPhoneOwner(phoneIndex: string, source: SignInSource): Promise<AddressRow | undefined> {
    const { reader, homes } = this.#parts;
    const accountIds = await reader.accountsOfPhone(phoneIndex, MAX_ACCOUNTS_PER_PHONE);
    const atDoor = await Promise.all(
      accountIds.map(async (id) => Realms.admits(this.#doorOf(source), await homes.of(id))),
    );
    const [accountId, ...others] = accountIds.filter((_, at) => atDoor[at] === true);
    // Looked up for nobody too: whether a telephone is bound must not show.
    const [primary] = await reader.addressesOf(others.length > 0 ? NOBODY : (accountId ?? NOBODY));
    return primary;
  }

  /** Names without a domain are taken in that of the door, and then in those of the other realms. */
  #findName(login: string, source: SignInSource): Promise<LoginMatch> {
    const { reader, settings, realms } = this.#parts;
    const door = this.#doorOf(source);
    const first = door?.domain ?? settings.defaultDomain;
    if (realms.all.length === 0) return findLogin(reader, login, first);
    // The names of an old system are known by whatever domain it had.
    if (door !== undefined && door.archive !== null) return findLogin(reader, login.replace(/[@＠].*$/s, ''), first);
    const inUse = realms.all.filter(({ archive }) => archive === null);
    const others = inUse.map(({ domain }) => domain).filter((domain) => domain !== first);
    return findLogin(reader, login, first, others);
  }

  #doorOf({ host }: SignInSource): Realm | undefined {
    return host === undefined ? undefined : this.#parts.realms.ofHost(host);
  }

  async #checkPassword(
    candidate: Candidate,
    { password, remoteAddress, isForm = false }: SignInRequest,
  ): Promise<Check> {
    // What no password may hold is checked as it is, and fits none.
    const bounded = password.slice(0, MAX_PASSWORD_LENGTH + 1);
    const prepared = prepareString(bounded) ?? bounded;
    const verifier = candidate.credential?.verifier ?? this.#parts.hasher.decoy;
    const guess = this.#fingerprint(`${candidate.subject}\0${verifier}\0${prepared}`);

    const key = `${guess} ${remoteAddress} ${isForm}`;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const check = this.#checkGuess(candidate, { guess, verifier, password: prepared, remoteAddress, isForm }).finally(
      () => this.#underWay.delete(key),
    );
    this.#underWay.set(key, check);
    return check;
  }

  async #checkGuess(
    { subject, account, credential, factors }: Candidate,
    attempt: { guess: string; verifier: string; password: string; remoteAddress: string; isForm: boolean },
  ): Promise<Check> {
    const { guess, verifier, password, remoteAddress, isForm } = attempt;
    return this.#checkWithinLimits({ subject, remoteAddress, guess }, async () => {
      const accountId = account?.accountId ?? NOBODY;
      const letters = isForm ? undefined : readClientPassword(password);
      if (letters !== undefined) {
        const digest = digestClientPassword(this.#parts.factorKey, accountId, letters);
        const client = findClientPassword(factors, digest);
        if (client !== undefined) return client;
      }
      if (this.#proven.has(accountId, guess)) return 'password';
      const fits = await this.#checks.run(() => this.#parts.hasher.verify(verifier, password));
      // Nothing fits the decoy; said again here because everything hangs on it.
      if (!fits || account === undefined || credential === undefined) return undefined;
      if (this.#parts.hasher.isForeign(verifier)) await this.#adopt(credential, password);
      else this.#proven.add(accountId, guess);
      return 'password';
    });
  }

  /** That it could not be done is no reason to turn anybody away. */
  async #adopt(credential: CredentialRow, password: string): Promise<void> {
    try {
      await this.#parts.adopt(credential, password);
    } catch (error) {
      const { accountId } = credential;
      this.#parts.log.warn({ err: error, accountId }, 'a verifier of another system was not replaced');
    }
  }

  async #beginScram(login: string, authzid: string, source: SignInSource): Promise<ScramAttempt> {
    const before = await this.#findCandidate(login, source);
    const offered = await this.#scramOffer(before);
    const [first = this.#makeScramDecoy(before.canonicalLogin), ...others] = offered.map(({ verifier }) => verifier);
    return {
      verifiers: [first, ...others],
      finish: async (fitting) => {
        // Read again: a client may take minutes for its proof, and the password may have changed meanwhile.
        const candidate = await this.#findCandidate(login, source);
        const shown = offered[fitting];
        const check = await this.#checkWithinLimits(
          { subject: candidate.subject, remoteAddress: source.remoteAddress, guess: null },
          async () => (shown !== undefined && isCurrent(shown.by, before, candidate) ? shown.by : undefined),
        );
        return this.#conclude(candidate, check, authzid, source);
      },
    };
  }

  /**
   * What proofs are checked by. A client is told one salt before it shows which password it has, so it is either the account's
   * own or its client passwords: those where the account is opened to programs by no other, or has no password that SCRAM
   * could check. Empty: there is nothing that a proof could fit.
   */
  async #scramOffer(
    candidate: Candidate,
  ): Promise<readonly { readonly verifier: ScramVerifier; readonly by: Right['by'] }[]> {
    const { credential, factors } = candidate;
    const own = parseScramVerifier(credential?.scramSha256 ?? '');
    const clients = clientScramOf(factors).map(({ factor, verifier }) => ({ verifier, by: factor }));
    const newest = clients.at(-1)?.verifier;
    if (newest !== undefined && (own === undefined || (await this.#needsClientPassword(candidate))))
      return clients.filter(({ verifier }) => hasSameScramSalt(verifier, newest));
    return own === undefined ? [] : [{ verifier: own, by: 'password' }];
  }

  /** Runs the check if the limits allow, counts how it ended, and holds a refusal back as they say. */
  async #checkWithinLimits(attempt: SignInAttempt, check: () => Promise<Right['by'] | undefined>): Promise<Check> {
    const { limits } = this.#parts;
    const admission = await limits.admit(attempt);
    if (admission.verdict === 'limited') {
      return { ok: false, reason: 'limited', retryAfterMs: admission.retryAfterMs };
    }
    if (admission.verdict === 'repeat') {
      await this.#wait(admission.delayMs);
      return WRONG;
    }

    const { ticket } = admission;
    let by: Right['by'] | undefined;
    try {
      by = await check();
    } catch (error) {
      await limits.settle(ticket, 'unchecked');
      if (isMailError(error, 'unavailable')) return { ok: false, reason: 'unavailable' };
      throw error;
    }
    const { delayMs } = await limits.settle(ticket, by === undefined ? 'failure' : 'success');
    if (by !== undefined) return { ok: true, by };
    await this.#wait(delayMs);
    return WRONG;
  }

  async #conclude(candidate: Candidate, check: Check, authzid: string, source: SignInSource): Promise<AuthResult> {
    const result = check.ok ? await this.#authorize(candidate, check.by, authzid, source) : check;
    const { protocol, remoteAddress } = source;
    const outcome = result.ok ? 'ok' : result.reason;
    const accountId = candidate.account?.accountId;
    const loginAddress = candidate.account && candidate.loginAddress;
    this.#parts.onConcluded?.({ source, accountId, loginAddress, result });
    this.#parts.metrics.count('campusmail_sign_ins_total', { protocol, outcome });
    if (!result.ok) {
      // Not the login as typed: people type their password there.
      this.#parts.log.info({ protocol, remoteAddress, accountId, outcome }, 'sign-in refused');
    }
    return result;
  }

  /** The credentials were right. Only now may the answer show what the account is like. */
  async #authorize(candidate: Candidate, by: Right['by'], authzid: string, source: SignInSource): Promise<AuthResult> {
    const { account, loginAddress } = candidate;
    if (account === undefined) return WRONG;
    const home = await this.#parts.homes.of(account.accountId);
    // Who asks for an archive by something else than its pages is not sent there, but to where the mail is now.
    if (home !== undefined && home.archive !== null && (home.archive.hasEnded || !isReader(source))) {
      const reason = home.archive.hasEnded ? 'archiveEnded' : 'archived';
      return { ok: false, reason, ...pointTo(this.#parts.realms.successorOf(home), source) };
    }
    if (!Realms.admits(this.#doorOf(source), home)) return { ok: false, reason: 'wrongDoor', ...pointTo(home, source) };
    const refusal =
      typeof by === 'object' || by === 'token'
        ? this.#clientRefusal(account, by, source)
        : (this.#refusalOf(account, candidate.credential, source, home) ??
          (await this.#programRefusal(candidate, source)));
    if (refusal !== undefined) return { ok: false, reason: refusal };
    if (authzid !== '') {
      const { row } = await this.#findLogin(authzid, source);
      if (row?.accountId !== account.accountId) return { ok: false, reason: 'forbidden' };
    }
    this.signedIn.prove(account, candidate.credential, candidate.factors);
    if (typeof by === 'object') this.#noteUse(by, source);
    return { ok: true, accountId: account.accountId, loginAddress };
  }

  /** Why an account may not sign in so, although its owner was proven. */
  #refusalOf(
    account: DirectoryAccountRow,
    credential: CredentialRow | undefined,
    { protocol, setsPassword }: SignInSource,
    home: Realm | undefined,
  ): AuthRefusal | undefined {
    const refusal = entryRefusal(account);
    if (refusal === 'disabled' || refusal === 'frozen') return refusal;
    if (this.#parts.clock.now() >= (credential?.expiresAt ?? Infinity)) return 'passwordExpired';
    if (refusal === 'notActivated') return setsPassword === true ? undefined : refusal;
    // Nobody changes anything in an archive; what was only given out opens it to nobody.
    const mayChange = (home?.archive ?? null) === null;
    const isSpent = credential?.kind === 'initial' || (mayChange && credential?.mustChange === true);
    if (isSpent && !(protocol === 'http' && setsPassword === true)) return 'passwordChangeRequired';
    return undefined;
  }

  async #programRefusal(
    candidate: Candidate,
    { isForm, setsPassword }: SignInSource,
  ): Promise<AuthRefusal | undefined> {
    if (isForm === true || setsPassword === true) return undefined;
    if (await this.#needsClientPassword(candidate)) return 'clientPasswordRequired';
    const { reader, homes } = this.#parts;
    const { account } = candidate;
    return account !== undefined && (await owesPhone(reader, homes, account.accountId)) ? 'phoneRequired' : undefined;
  }

  /** Programs cannot show a second step: where there is one, or has to be, they need a password of their own. */
  async #needsClientPassword({ account, factors }: Candidate): Promise<boolean> {
    if (account === undefined) return false;
    if (hasSecondStep(factors)) return true;
    const { reader, settings, homes } = this.#parts;
    if ((await homes.of(account.accountId))?.secondStep === 'required') return true;
    if (settings.clientPasswordDomains.size === 0) return false;
    const [primary] = await reader.addressesOf(account.accountId);
    return settings.clientPasswordDomains.has(primary?.domain ?? '');
  }

  #clientRefusal(
    account: DirectoryAccountRow,
    client: FactorRow | 'token',
    { protocol }: SignInSource,
  ): AuthRefusal | undefined {
    const refusal = entryRefusal(account);
    if (refusal !== undefined) return refusal;
    // Right, but made for something else. What a token is good for is known to whoever has judged it.
    return client === 'token' || scopesOf(client).includes(SCOPE_OF[protocol]) ? undefined : 'clientPasswordRequired';
  }

  /** Now and then, and not waited for. */
  #noteUse({ accountId, factorId, usedAt }: FactorRow, { remoteAddress, protocol }: SignInSource): void {
    const { clock, log, noteUse } = this.#parts;
    const now = clock.now();
    if (usedAt !== null && now - usedAt < FACTOR_USE_EVERY_MS) return;
    noteUse({ accountId, factorId, usedAt: now, usedFrom: `${remoteAddress} ${protocol}` }).catch((error: unknown) =>
      log.warn({ err: error, accountId }, 'the use of a client password was not written down'),
    );
  }

  #fingerprint(text: string): string {
    return createHmac('sha256', this.#fingerprintKey).update(text).digest('base64url');
  }

  #makeScramDecoy(canonicalLogin: string): ScramVerifier {
    const derive = (purpose: string): Buffer =>
      createHmac('sha256', this.#decoyKey).update(`${purpose}\0${canonicalLogin}`).digest();
    return {
      salt: derive('salt').subarray(0, SCRAM_SALT_OCTETS),
      iterations: this.#parts.settings.scramIterations,
      storedKey: derive('stored key'),
      serverKey: derive('server key'),
    };
  }

  #wait(delayMs: number): Promise<void> {
    return delayMs === 0 ? Promise.resolve() : new Promise((resolve) => this.#parts.clock.after(delayMs, resolve));
  }
}

/** Whether somebody reads at our own pages. */
function isReader({ protocol, isForm, setsPassword }: SignInSource): boolean {
  return protocol === 'http' && isForm === true && setsPassword !== true;
}

/** Whether what proved an account before still does. */
function isCurrent(by: Right['by'], before: Candidate, now: Candidate): boolean {
  if (typeof by === 'string') return now.credential?.scramSha256 === before.credential?.scramSha256;
  return now.factors.some(({ factorId, secret }) => factorId === by.factorId && secret === by.secret);
}

/** Where people of the realm come in: for pages an address, for programs the name of a server. */
function pointTo(home: Realm | undefined, { protocol, host = '' }: SignInSource): Pick<AuthRefused, 'url' | 'place'> {
  if (home === undefined) return {};
  const place = { title: home.title, englishTitle: home.englishTitle };
  const server = protocol === 'imap' || protocol === 'pop3' || protocol === 'smtp' ? home.servers[protocol] : '';
  if (server !== '') return { place, url: server };
  const web = nearestHost(home.webHosts, host);
  return web === undefined ? { place } : { place, url: `https://${web}/` };
}

function accountSubject(accountId: AccountId): string {
  return `account ${accountId}`;
}
