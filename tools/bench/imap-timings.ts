/** What opening and listing big mailboxes costs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapLoad } from './clients.ts';
import type { FilledUser } from './names.ts';
import { median, repeat, timeIt, type Report, type Target } from './target.ts';

const SIGN_INS = 20;
const PAGE = 50;
const PAGE_REPEATS = 20;
const OPENINGS = 9;
const ENVELOPE_ROWS = '(UID FLAGS ENVELOPE RFC822.SIZE)';
/** What many clients ask for instead of ENVELOPE. */
const HEADER_ROWS = '(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE CONTENT-TYPE)])';

/** Sign-in with SELECT, and the whole list by FETCH, in the names the peers' script uses. */
export async function measureImap(
  target: Target,
  users: readonly FilledUser[],
  runs: number,
  report: Report,
): Promise<void> {
  for (const user of users) {
    (await ImapLoad.open(target.imapPort, user)).close();
    report(`login_select_${user}`, await signIns(target, user, SIGN_INS * runs));
  }
  for (const user of users) {
    const imap = await ImapLoad.open(target.imapPort, user);
    const exists = await imap.select();
    const figures = (wallMs: number, cpuMs: number) => ({ wall_ms: wallMs, cpu_ms: cpuMs });
    const flags = await repeat(target.usage, runs, () => imap.command('FETCH 1:* (FLAGS UID)'));
    report(`fetch_flags_uid_${user}`, figures(flags.wallMs, flags.cpuMs));
    const envelopes = (): Promise<Buffer> => imap.command('FETCH 1:* (UID ENVELOPE)');
    const first = await timeIt(target.usage, envelopes);
    report(`fetch_envelope_first_${user}`, figures(first.wallMs, first.cpuMs));
    const again = await repeat(target.usage, runs, envelopes);
    report(`fetch_envelope_${user}`, figures(again.wallMs, again.cpuMs));
    const rows = await repeat(target.usage, runs, () => imap.command(`FETCH ${lastPage(exists)} ${HEADER_ROWS}`));
    report(`fetch_list50_${user}`, figures(rows.wallMs, rows.cpuMs));
    imap.close();
  }
}

async function signIns(target: Target, user: string, times: number): Promise<Record<string, number>> {
  const loginMs: number[] = [];
  const selectMs: number[] = [];
  await sleep(300);
  const cpu = target.usage.cpuSeconds();
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    const imap = await ImapLoad.open(target.imapPort, user);
    const signedIn = performance.now();
    await imap.select();
    loginMs.push(signedIn - start);
    selectMs.push(performance.now() - signedIn);
    imap.close();
  }
  await sleep(300);
  return {
    login_ms: median(loginMs),
    select_ms: median(selectMs),
    cpu_ms_each: ((target.usage.cpuSeconds() - cpu) / times) * 1_000,
  };
}

/**
 * SELECT and the last page of a message list, which should not notice how big the mailbox is: right after a start, in
 * sessions that are the only ones to have the mailbox open, and again within one session.
 */
export async function measurePage(target: Target, user: FilledUser, report: Report): Promise<void> {
  const first = await openAndList(target, user);
  const openings: Opening[] = [];
  for (let i = 0; i < OPENINGS; i++) openings.push(await openAndList(target, user));

  const imap = await ImapLoad.open(target.imapPort, user);
  const exists = await imap.select();
  const page = (): Promise<Buffer> => imap.command(`FETCH ${lastPage(exists)} ${ENVELOPE_ROWS}`);
  // What the first ones leave to be loaded, compiled and tidied up is not the cost of a page.
  await timeMany(target, page);
  const pages = await timeMany(target, page);
  imap.close();
  const middle = (field: keyof Opening): number => median(openings.map((opening) => opening[field]));
  report(`page_${user}`, {
    exists,
    first_select_ms: first.selectMs,
    first_page_ms: first.pageMs,
    select_ms: middle('selectMs'),
    opening_page_ms: middle('pageMs'),
    opening_cpu_ms: middle('cpuMs'),
    page_ms: pages.wallMs,
    page_cpu_ms: pages.cpuMs,
  });
}

interface Opening {
  readonly selectMs: number;
  readonly pageMs: number;
  /** Of both. */
  readonly cpuMs: number;
}

/** A session of its own, so that nothing which another one has loaded helps. */
async function openAndList(target: Target, user: string): Promise<Opening> {
  const imap = await ImapLoad.open(target.imapPort, user);
  let exists = 0;
  const select = await timeIt(target.usage, async () => {
    exists = await imap.select();
  });
  const page = await timeIt(target.usage, () => imap.command(`FETCH ${lastPage(exists)} ${ENVELOPE_ROWS}`));
  await imap.command('UNSELECT');
  imap.close();
  return { selectMs: select.wallMs, pageMs: page.wallMs, cpuMs: select.cpuMs + page.cpuMs };
}

const lastPage = (exists: number): string => `${Math.max(1, exists - PAGE + 1)}:${exists}`;

/** Median wall time, and mean CPU time: one repetition is less than the clock of CPU accounting sees. */
async function timeMany(target: Target, work: () => Promise<unknown>): Promise<{ wallMs: number; cpuMs: number }> {
  const wall: number[] = [];
  const { cpuMs } = await timeIt(target.usage, async () => {
    for (let i = 0; i < PAGE_REPEATS; i++) {
      const start = performance.now();
      await work();
      wall.push(performance.now() - start);
    }
  });
  return { wallMs: median(wall), cpuMs: cpuMs / PAGE_REPEATS };
}
