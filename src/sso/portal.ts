/**
 * What the school's portal (办事大厅) may ask of us for a person who is signed in there: a ticket that opens that person's mailbox once, and
 * how many letters wait unread. The portal shows a secret of its own; the ticket goes to our page in the fragment of an address, which no
 * server and no log sees, and is good once and for a minute.
 */
import { createHash } from 'node:crypto';
import { isOpenTarget } from '#contract/open-target.ts';
import type { Audit } from '#audit/audit.ts';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { equalSecrets } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { nearestHost } from '#directory/realms.ts';
import { jsonAnswer } from '#http/answers.ts';
import { addressOf } from '#http/other-host.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { Walks } from '#signin/walks.ts';
import { entryTrouble, openTo, primaryLogin, tellEntry } from './entry.ts';
import { SSO_LIMITS } from './limits.ts';
import { PORTAL_PATHS } from './paths.ts';

/** Whose mailbox a ticket opens. */
export interface TicketFacts {
  readonly accountId: AccountId;
  readonly portal: string;
  /** Of the person whom the portal named. */
  readonly number: string;
}

export interface PortalSecret {
  /** For the log. */
  readonly name: string;
  readonly secret: string;
}

export interface PortalParts {
  readonly secrets: readonly PortalSecret[];
  readonly directory: Directory;
  readonly signIn: WebSignIn;
  readonly tickets: Walks<TicketFacts>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: Pick<Audit, 'record'>;
  /** Whether the school's sign-in stands for an account's second step as well. */
  readonly skipsSecondStep: boolean;
  /** In the inbox. */
  readonly countUnread: (accountId: AccountId) => Promise<number>;
}

export class Portal {
  readonly #parts: PortalParts;
  readonly #secrets: readonly { readonly name: string; readonly hash: Uint8Array }[];

  constructor(parts: PortalParts) {
    this.#parts = parts;
    this.#secrets = parts.secrets.map(({ name, secret }) => ({ name, hash: hashOf(secret) }));
  }

  routes(): readonly HttpRoute[] {
    const { tickets, unread, redeem } = PORTAL_PATHS;
    return [
      { ...tickets, respond: (request) => this.#giveTicket(request) },
      { ...unread, respond: (request) => this.#tellUnread(request) },
      { ...redeem, respond: (request) => this.#redeem(request) },
    ];
  }

  async #giveTicket(request: HttpRequest): Promise<HttpAnswer> {
    const portal = this.#portalOf(request);
    if (portal === undefined) return UNAUTHORIZED;
    const { number, to = 'inbox' } = readObject(await request.readBody(SSO_LIMITS.portalBytes));
    if (typeof number !== 'string' || typeof to !== 'string' || !isOpenTarget(to))
      return jsonAnswer(400, { error: 'invalidRequest' });
    const { directory, tickets, log } = this.#parts;
    const found = await this.#find(number);
    if ('status' in found) return found;
    const { accountId } = found;
    const { walk, token } = await tickets.beginBare({ ...found, portal }, SSO_LIMITS.ticketMs);
    log.info({ accountId, portal }, 'a portal was given a ticket');
    const { host, origin } = request;
    const door = nearestHost((await directory.realmOf(accountId))?.webHosts ?? [], host);
    const query = new URLSearchParams({ to }).toString();
    return jsonAnswer(200, {
      url: `${door === undefined ? `${origin}/` : addressOf(door, origin)}open?${query}#ticket=${token}`,
      expiresAt: new Date(walk.expiresAt).toISOString(),
    });
  }

  async #tellUnread(request: HttpRequest): Promise<HttpAnswer> {
    if (this.#portalOf(request) === undefined) return UNAUTHORIZED;
    const found = await this.#find(request.query.get('number') ?? '');
    if ('status' in found) return found;
    return jsonAnswer(200, { unread: await this.#parts.countUnread(found.accountId) });
  }

  /** A session for the browser that brings a ticket, once. */
  async #redeem(request: HttpRequest): Promise<HttpAnswer> {
    const { directory, signIn, tickets, clock, skipsSecondStep } = this.#parts;
    const read = await signIn.readOwn(request);
    if ('status' in read) return read;
    const { ticket } = read.body;
    const provedAt = clock.now();
    const walk = typeof ticket === 'string' ? await tickets.findBare(ticket) : undefined;
    // Of two that bring it at the same time, one is let in.
    if (walk?.step !== 0 || !(await tickets.advance(walk, 1, walk.facts))) return refuse('expired');
    const { accountId, portal, number } = walk.facts;
    const trouble = await openTo(directory, accountId);
    if (trouble !== undefined) return refuse(trouble);
    if (!skipsSecondStep && (await signIn.asksSecondStep(request, accountId))) return refuse('secondStep');
    if (!(await directory.isWelcomeAt(accountId, request.host))) return refuse('disabled');
    await tellEntry(this.#parts, request, accountId, { by: 'portal', portal, number });
    return signIn.begin(request, { accountId, login: await primaryLogin(directory, accountId), provedAt });
  }

  /** The mailbox of a person, or the answer that there is none to be entered. `text`: as people write a number. */
  async #find(text: string): Promise<Omit<TicketFacts, 'portal'> | HttpAnswer> {
    const { directory } = this.#parts;
    const person = await directory.findPerson(text);
    const accountId = person?.accountId ?? null;
    if (person === undefined || accountId === null) return jsonAnswer(404, { error: 'unknown' });
    const trouble = await entryTrouble(directory, accountId);
    return trouble === undefined ? { accountId, number: person.number } : jsonAnswer(409, { error: trouble });
  }

  /** The name of the portal whose secret is shown; undefined: none. */
  #portalOf(request: HttpRequest): string | undefined {
    const secret = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(request.header('authorization') ?? '')?.[1];
    if (secret === undefined) return undefined;
    const hash = hashOf(secret);
    return this.#secrets.find((one) => equalSecrets(one.hash, hash))?.name;
  }
}

const UNAUTHORIZED = jsonAnswer(401, { error: 'unauthorized' }, { 'www-authenticate': 'Bearer' });

function refuse(error: string): HttpAnswer {
  return jsonAnswer(410, { error });
}

function hashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

function readObject(octets: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(octets.toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
