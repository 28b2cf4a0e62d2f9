/**
 * Single sign-on on the web: the routes under `/auth/sso/`. Whoever comes back from the school's sign-in is the person of the
 * roster with that number, and enters that person's mailbox; SSO never makes people. Who has no mailbox by it gets a page with
 * the reason and a ticket, and may link one by its password (S-22). How the school's sign-in is spoken to: provider.ts.
 */
import { createHash } from 'node:crypto';
import { ownPage } from '#contract/own-page.ts';
import type { Audit } from '#audit/audit.ts';
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { nearestHost } from '#directory/realms.ts';
import { canonicalizeNumber } from '#directory/roster-number.ts';
import { addressOf } from '#http/other-host.ts';
import { jsonAnswer, statusAnswer } from '#http/answers.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import { Carried } from '#signin/carried.ts';
import { isForeign } from '#signin/cross-site.ts';
import type { Sessions } from '#signin/sessions.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { SsoSubject } from './cas.ts';
import { openTo, primaryLogin, tellEntry } from './entry.ts';
import { SSO_LIMITS } from './limits.ts';
import type { SsoOperations } from './operations.ts';
import { SSO_CALLBACK } from './paths.ts';
import type { SsoSessionRow, SsoStore, TicketRow } from './ports/sso-store.ts';
import type { SsoProvider, Started } from './provider.ts';

/** Why somebody who came back is not signed in; the sign-in page has a text for each. */
export type SsoTrouble =
  | 'refused'
  | 'unavailable'
  | 'disabled'
  | 'notActivated'
  /** The account has a second step, and the school's sign-in is not taken for it. */
  | 'secondStep'
  /** The person is not in the roster, or very many wait: to be told at the help desk. */
  | 'unknown';

/** Whoever is asked to link a mailbox, as pages are told. */
export interface PendingLink {
  readonly number: string;
  readonly name: string;
  readonly ticketId: string;
  /** False: the roster has no such person, so there is nothing to link. */
  readonly canLink: boolean;
  /** Where to go once that is done: a page of ours. */
  readonly next: string;
}

/** Somebody whom the school's sign-in has named just now, and who has no mailbox by it: what the browser carries, our word for it. */
interface Pending extends Pick<TicketRow, 'number' | 'name' | 'ticketId'> {
  /** What their server names the session by; empty: nothing. */
  readonly sessionIndex: string;
  /** When they were named. */
  readonly at: number;
  /** The page of ours that they were on their way to. */
  readonly next: string;
}

/** A browser that is at the school's sign-in, and the page of ours that it is on its way to. */
interface Away extends Started {
  readonly next: string;
}

export interface SsoParts {
  readonly provider: SsoProvider;
  readonly store: SsoStore;
  readonly directory: Directory;
  readonly signIn: WebSignIn;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly audit: Pick<Audit, 'record'>;
  /** Whether the school's sign-in stands for an account's second step as well. */
  readonly skipsSecondStep: boolean;
  /** 32 octets: seals what a browser carries between here and the school's sign-in. */
  readonly key: Uint8Array;
}

export class Sso {
  readonly #parts: SsoParts;
  readonly #started: Carried<Away>;
  readonly #pending: Carried<Pending>;

  constructor(parts: SsoParts) {
    const { key, clock, random } = parts;
    this.#parts = parts;
    // The browser comes back from another site; neither opens anything.
    const carried = { key, clock, random, sameSite: 'Lax' } as const;
    this.#started = new Carried({ ...carried, name: 'sso', maxAgeMs: SSO_LIMITS.startedMs });
    this.#pending = new Carried({ ...carried, name: 'sso-pending', maxAgeMs: SSO_LIMITS.pendingMs });
  }

  routes(): readonly HttpRoute[] {
    return [
      { method: 'GET', path: '/auth/sso/start', respond: (request) => this.#start(request) },
      { method: 'GET', path: SSO_CALLBACK, respond: (request) => this.#finish(request) },
      { method: 'POST', path: SSO_CALLBACK, respond: (request) => this.#endRemotely(request) },
      { method: 'GET', path: '/auth/sso/pending', respond: (request) => this.#showPending(request) },
      { method: 'POST', path: '/auth/sso/link', respond: (request) => this.#link(request) },
      { method: 'POST', path: '/auth/sso/link-session', respond: (request) => this.#linkSession(request) },
      { method: 'GET', path: '/auth/sso/sign-out', respond: (request) => this.#signOutThere(request) },
    ];
  }

  async #start(request: HttpRequest): Promise<HttpAnswer> {
    const { provider, random, log } = this.#parts;
    const secret = (): string => random.bytes(SSO_LIMITS.secretBytes).toString('base64url');
    const next = ownPage(request.query.get('next'));
    const started: Away = { state: secret(), verifier: secret(), nonce: secret(), next };
    let location: string;
    try {
      location = await provider.start(request.origin + SSO_CALLBACK, started);
    } catch (error) {
      log.warn({ err: error }, 'single sign-on could not be begun');
      return enter(`/sign-in?sso=unavailable`, []);
    }
    return { status: 303, headers: { location, 'set-cookie': this.#started.give(request, started) } };
  }

  async #finish(request: HttpRequest): Promise<HttpAnswer> {
    const { provider, clock, log, random } = this.#parts;
    const { remoteAddress } = request;
    const ended = this.#started.end(request);
    const turnAway = (trouble: SsoTrouble): HttpAnswer => enter(`/sign-in?sso=${trouble}`, [ended]);

    const started = this.#started.read(request);
    // Not begun here, in this browser, of late: somebody else's ticket, perhaps.
    if (started === undefined) return turnAway('refused');
    const provedAt = clock.now();
    const url = new URL(request.origin + SSO_CALLBACK);
    url.search = request.query.toString();
    const finished = await provider.finish(url, request.origin + SSO_CALLBACK, started);
    if (finished.kind !== 'known') {
      log.info({ remoteAddress, outcome: finished.kind, why: finished.why }, 'single sign-on refused');
      return turnAway(finished.kind);
    }
    const { subject, sessionIndex = '' } = finished;
    const { next } = started;
    const person = await this.#parts.directory.findPerson(subject.number);
    const accountId = person?.accountId ?? null;
    if (accountId === null) {
      const ticket = await this.#noteUnlinked(subject, ticketIdOf(random.bytes(8)));
      if (ticket === undefined) return turnAway('unknown');
      const { number, name, ticketId } = ticket;
      const pending: Pending = { number, name, ticketId, sessionIndex, at: provedAt, next };
      return enter('/sso/unlinked', [ended, this.#pending.give(request, pending)]);
    }
    const trouble = await openTo(this.#parts.directory, accountId);
    if (trouble !== undefined) return turnAway(trouble);
    const { signIn, skipsSecondStep } = this.#parts;
    if (!skipsSecondStep && (await signIn.asksSecondStep(request, accountId))) return turnAway('secondStep');
    const elsewhere = await this.#doorElsewhere(request, accountId, next);
    if (elsewhere !== undefined) return enter(elsewhere, [ended]);
    const cookie = await this.#open(request, accountId, sessionIndex, provedAt);
    await tellEntry(this.#parts, request, accountId, { by: 'single sign-on', number: subject.number });
    return enter(next, [ended, cookie]);
  }

  /** Where people of another realm than this host's begin: their sign-on stands already, so they come in at once. */
  async #doorElsewhere({ host, origin }: HttpRequest, accountId: AccountId, next: string): Promise<string | undefined> {
    const { directory } = this.#parts;
    if (await directory.isWelcomeAt(accountId, host)) return undefined;
    const door = nearestHost((await directory.realmOf(accountId))?.webHosts ?? [], host);
    if (door === undefined) return '/sign-in?sso=disabled';
    return `${addressOf(door, origin)}auth/sso/start?${new URLSearchParams({ next }).toString()}`;
  }

  async #open(request: HttpRequest, accountId: AccountId, sessionIndex: string, provedAt: number): Promise<string> {
    const { directory, signIn } = this.#parts;
    const login = await primaryLogin(directory, accountId);
    const { sessionId, cookie } = await signIn.openSession(request, { accountId, login, provedAt });
    await this.#remember({ accountId, sessionId, createdAt: provedAt }, sessionIndex);
    return cookie;
  }

  /** Which session of ours ends when their server ends what it names by the index. */
  async #remember({ accountId, sessionId, createdAt }: Omit<SsoSessionRow, 'indexHash'>, index: string): Promise<void> {
    if (index !== '') await this.#run('remember', { indexHash: hashOf(index), accountId, sessionId, createdAt });
  }

  /** CAS protocol §2.3.3: their server ends what began there. Whoever knows the ticket may. */
  async #endRemotely(request: HttpRequest): Promise<HttpAnswer> {
    const { provider, sessions, log } = this.#parts;
    if (provider.readLogout === undefined) return statusAnswer(405, { allow: 'GET' });
    const form = new URLSearchParams((await request.readBody(SSO_LIMITS.logoutBytes)).toString());
    const index = provider.readLogout(form);
    if (index === undefined) return statusAnswer(400);
    const row = await this.#run('take', { indexHash: hashOf(index) });
    if (row !== null && (await sessions.end(row.accountId, row.sessionId)))
      log.info({ accountId: row.accountId, sessionId: row.sessionId }, 'a session was ended by single sign-on');
    return { status: 204 };
  }

  /** On to where the session at the school's sign-in is ended: ours has ended before, or does by `#endRemotely`. */
  async #signOutThere({ origin }: HttpRequest): Promise<HttpAnswer> {
    const { provider, log } = this.#parts;
    try {
      const location = (await provider.logoutUrl(`${origin}/`)) ?? '/sign-in';
      return { status: 303, headers: { location } };
    } catch (error) {
      log.warn({ err: error }, 'single sign-on does not say where it ends');
      return { status: 303, headers: { location: '/sign-in?sso=unavailable' } };
    }
  }

  // Whoever has no mailbox by it

  async #noteUnlinked({ number, name }: SsoSubject, ticketId: string): Promise<TicketRow | undefined> {
    try {
      return await this.#run('noteUnlinked', {
        ticketId,
        number: canonicalizeNumber(number) ?? number.slice(0, SSO_LIMITS.numberLength),
        name: name.slice(0, SSO_LIMITS.nameLength),
      });
    } catch (error) {
      if (!isMailError(error, 'limit')) throw error;
      this.#parts.log.error({}, 'very many people wait to be linked to a mailbox: see `campusmail sso tickets`');
      return undefined;
    }
  }

  async #showPending(request: HttpRequest): Promise<HttpAnswer> {
    const pending = isForeign(request) ? undefined : this.#pending.read(request);
    if (pending === undefined) return statusAnswer(404);
    const { number, name, ticketId, next } = pending;
    const person = await this.#parts.directory.findPerson(number);
    const link: PendingLink = {
      number,
      name: name || (person?.name ?? ''),
      ticketId,
      canLink: person !== undefined,
      next,
    };
    return jsonAnswer(200, link);
  }

  /** Links the mailbox that the person proves to have, by its password, and enters it; the page says what people agree to by that. */
  async #link(request: HttpRequest): Promise<HttpAnswer> {
    const { signIn } = this.#parts;
    const proof = await signIn.provePassword(request);
    if (!proof.ok) return proof.answer;
    const pending = this.#pending.read(request);
    if (pending === undefined) return jsonAnswer(410, { error: 'expired' });
    const refused = await this.#linkTo(pending, proof.accountId);
    if (refused !== undefined) return refused;
    await signIn.agree(request, proof.accountId);
    const cookie = await this.#open(request, proof.accountId, pending.sessionIndex, proof.provedAt);
    return jsonAnswer(200, {}, { 'set-cookie': [this.#pending.end(request), cookie] });
  }

  /**
   * The same for a mailbox with a second step: that has opened a session, and whoever has both is its owner. A session of before
   * the school's sign-in was left open by somebody, perhaps.
   */
  async #linkSession(request: HttpRequest): Promise<HttpAnswer> {
    const { signIn, sessions } = this.#parts;
    const caller = await signIn.authenticate(request);
    if ('status' in caller) return caller;
    const { accountId, sessionId } = caller;
    const pending = this.#pending.read(request);
    const session = (await sessions.list(accountId)).find((one) => one.sessionId === sessionId);
    if (pending === undefined || session === undefined || session.createdAt < pending.at)
      return jsonAnswer(410, { error: 'expired' });
    const refused = await this.#linkTo(pending, accountId);
    if (refused !== undefined) return refused;
    await this.#remember(session, pending.sessionIndex);
    return jsonAnswer(200, {}, { 'set-cookie': this.#pending.end(request) });
  }

  async #linkTo({ number }: Pending, accountId: AccountId): Promise<HttpAnswer | undefined> {
    const { directory, log } = this.#parts;
    try {
      await directory.linkPerson(number, accountId, { onlyIfUnlinked: true });
    } catch (error) {
      if (isMailError(error, 'notFound')) return jsonAnswer(409, { error: 'unknown' });
      if (isMailError(error, 'inUse')) return jsonAnswer(409, { error: 'linked' });
      throw error;
    }
    await this.#run('closeTicket', { number });
    log.info({ accountId, number, by: 'owner' }, 'a person was linked to a mailbox');
    return undefined;
  }

  async #run<Name extends keyof SsoOperations>(
    name: Name,
    args: Parameters<SsoOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<SsoOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<SsoOperations[Name]['run']>>;
  }
}

/**
 * On to a page of ours. Not by a redirect: the browser comes from another site, and would not send the session's cookie
 * (SameSite=Strict) with what it is redirected to.
 */
function enter(path: string, cookies: readonly string[]): HttpAnswer {
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    headers: { 'set-cookie': cookies, refresh: `0;url=${path}` },
    body: `<!doctype html><html><head><meta charset="utf-8"><title>campusmail</title></head><body><a href="${path.replaceAll('&', '&amp;')}">→</a></body></html>`,
  };
}

function hashOf(index: string): string {
  return createHash('sha256').update(index).digest('base64url');
}

/** Letters and digits that nobody mistakes for others when they are read out. */
const TICKET_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

function ticketIdOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => TICKET_ALPHABET[octet % 32]).join('');
}
