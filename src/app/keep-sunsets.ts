/**
 * Sees domains that are given up through their stages while the server runs: notes each stage once, has people write from
 * the new domain when the old one may not be sent from any more, and reminds those who still use it. All of it is claimed in
 * the store or idempotent, so that several machines and a restart repeat nothing.
 */
import { DAY_MS, type Clock } from '#base/clock.ts';
import type { Audit } from '#audit/audit.ts';
import { errorText } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { randomId, type Random } from '#base/random.ts';
import { repeat } from '#base/repeat.ts';
import { formatAddress } from '#directory/address.ts';
import type { Directory } from '#directory/directory.ts';
import { addressInstead, type DomainSunset } from '#directory/domain-lives.ts';
import { composeMessage } from '#mime/compose.ts';
import type { TraceReader } from '#trace/ports/trace-store.ts';
import { senderFlipped, sunsetReminder, type OldUse, type SunsetNotice } from './sunset-notices.ts';

/** How late a stage may be noted, milliseconds; what mail is taken or sent goes by the clock itself. */
const EVERY_MS = 10 * 60_000;
/** Days before the end on which people are reminded (domain.md S-19). */
const REMINDER_DAYS = [180, 90, 30, 14, 7, 1];
/** What counts as use: days back. */
const USE_DAYS = 30;
/** Messages looked at of one address: what is more need not be counted to be told. */
const MESSAGES_COUNTED = 500;
const SENDERS_NAMED = 20;
const ACCOUNTS_AT_ONCE = 500;

export interface SunsetParts {
  readonly directory: Pick<
    Directory,
    'lives' | 'listAccounts' | 'addressesOf' | 'claimNotice' | 'isNoticeClaimed' | 'flipDefaultSender' | 'defaultSender'
  >;
  readonly traceReader: Pick<TraceReader, 'find'>;
  readonly audit: Pick<Audit, 'record'>;
  /** Sends a message of the system's own to one address. */
  readonly post: (octets: Buffer, to: string) => Promise<void>;
  readonly hostname: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export function keepSunsets(parts: SunsetParts): { stop(): Promise<void> } {
  if (parts.directory.lives.sunsets.length === 0) return { stop: () => Promise.resolve() };
  const repetition = repeat({
    clock: parts.clock,
    pauseMs: () => EVERY_MS,
    isAtOnce: true,
    run: (isStopped) => lookAfterSunsets(parts, isStopped),
    onFailure: (error) => parts.log.error({ err: errorText(error) }, 'domains that end could not be looked after'),
  });
  return {
    async stop() {
      repetition.stop();
      await repetition.settled();
    },
  };
}

export async function lookAfterSunsets(parts: SunsetParts, isStopped: () => boolean = () => false): Promise<void> {
  const { lives } = parts.directory;
  for (const sunset of lives.sunsets) {
    const stage = lives.stageOf(sunset.domain);
    if (stage === 'active') continue;
    await noteStage(parts, sunset, stage);
    if (stage !== 'announced') await flipSenders(parts, sunset);
    if (stage === 'announced' || stage === 'sendBlocked') await remind(parts, sunset, isStopped);
    if (isStopped()) return;
  }
}

async function noteStage({ directory, audit, log }: SunsetParts, sunset: DomainSunset, stage: string): Promise<void> {
  const { domain, successor } = sunset;
  if (!(await directory.claimNotice(`stage ${domain} ${stage}`, null))) return;
  log.info({ domain, successor, stage }, 'a domain has come to another stage of its end');
  audit.record({
    action: 'administration.domain',
    actor: { kind: 'system', name: 'domain sunset' },
    subject: domain,
    detail: { stage, successor },
  });
}

async function flipSenders(parts: SunsetParts, sunset: DomainSunset): Promise<void> {
  const { directory } = parts;
  for (const accountId of await directory.flipDefaultSender(sunset.domain, sunset.successor)) {
    const addresses = (await directory.addressesOf(accountId)).map(formatAddress);
    const to = addressInstead(sunset, '', addresses) ?? addresses[0];
    if (to === undefined) continue;
    const sender = (await directory.defaultSender(accountId)) ?? to;
    await tell(parts, sunset, to, senderFlipped(sunset, sender));
  }
}

async function remind(parts: SunsetParts, sunset: DomainSunset, isStopped: () => boolean): Promise<void> {
  const { directory, clock } = parts;
  const now = clock.now();
  // The one that was last due: who was down for some of them does not send them all.
  const days = REMINDER_DAYS.findLast((day) => now >= sunset.refusedAt - day * DAY_MS);
  if (days === undefined) return;
  const name = `sunset ${sunset.domain} ${days}`;
  if (await directory.isNoticeClaimed(name, null)) return;
  let after: number | null = 0;
  while (after !== null) {
    const page: Awaited<ReturnType<Directory['listAccounts']>> = await directory.listAccounts({
      after,
      limit: ACCOUNTS_AT_ONCE,
    });
    for (const { accountId } of page.accounts) {
      if (isStopped()) return;
      await remindOne(parts, sunset, name, accountId);
    }
    after = page.next;
  }
  await directory.claimNotice(name, null);
}

async function remindOne(parts: SunsetParts, sunset: DomainSunset, name: string, accountId: AccountId): Promise<void> {
  const { directory, clock } = parts;
  const rows = await directory.addressesOf(accountId);
  const addresses = rows.map(formatAddress);
  const ended = rows.filter(({ domain }) => domain === sunset.domain).map(formatAddress);
  const [old] = ended;
  if (old === undefined || (await directory.isNoticeClaimed(name, accountId))) return;
  const use = await findUse(parts, ended, clock.now() - USE_DAYS * DAY_MS);
  if (use.received + use.sent === 0 || !(await directory.claimNotice(name, accountId))) return;
  const instead = addressInstead(sunset, old, addresses);
  const notice = sunsetReminder(sunset, { old, instead: instead ?? `@${sunset.successor}` }, use, clock.now());
  await tell(parts, sunset, instead ?? addresses[0] ?? old, notice);
}

/** What became of mail is kept by message: who still writes there, and from there. */
async function findUse(
  { traceReader }: Pick<SunsetParts, 'traceReader'>,
  addresses: readonly string[],
  from: number,
): Promise<OldUse> {
  const times = new Map<string, number>();
  let received = 0;
  let sent = 0;
  for (const address of addresses) {
    const came = await traceReader.find({ recipient: address, from }, MESSAGES_COUNTED);
    received += came.length;
    for (const { sender } of came) {
      const canonical = sender.toLowerCase();
      if (sender !== '') times.set(canonical, (times.get(canonical) ?? 0) + 1);
    }
    sent += (await traceReader.find({ sender: address, from }, MESSAGES_COUNTED)).length;
  }
  const senders = Array.from(times, ([address, times]) => ({ address, times })).toSorted((a, b) => b.times - a.times);
  return { received, sent, senders: senders.slice(0, SENDERS_NAMED) };
}

async function tell(
  { post, hostname, clock, random, log }: SunsetParts,
  { successor }: DomainSunset,
  to: string,
  { subject, text, html }: SunsetNotice,
): Promise<void> {
  const octets = composeMessage({
    from: { name: '邮件系统 Mail System', email: `postmaster@${successor}` },
    to: [{ name: '', email: to }],
    subject,
    text,
    ...(html !== undefined && { html }),
    dateMs: clock.now(),
    messageId: `${randomId(random, 16)}@${hostname}`,
    // RFC 3834 §5.
    headers: [['Auto-Submitted', 'auto-generated']],
  });
  // One person's trouble is not that of the next.
  await post(octets, to).catch((error: unknown) =>
    log.error({ to, err: errorText(error) }, 'a notice of a domain that ends was lost'),
  );
}
