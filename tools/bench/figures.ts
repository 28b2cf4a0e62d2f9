/** The table: which figures are quoted, what is wanted of each, and how two servers compare. */
import { median, type Row } from './target.ts';

export interface Figure {
  readonly work: string;
  readonly test: string;
  readonly field: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** How many times better than the peers it should be; below 1: how much worse it may be. */
  readonly target?: number;
  /** A bound of its own, in the figure's unit. */
  readonly atMost?: number;
}

const smtp = (connections: number, test: string, where: string): Figure[] => [
  {
    work: `SMTP 10 kB, ${connections} connections, ${where}: visible`,
    test,
    field: 'delivered_per_s',
    unit: '/s',
    better: 'more',
    target: 5,
  },
  { work: '… CPU for each message', test, field: 'cpu_ms_per_msg', unit: 'ms', better: 'less' },
];

const outbound = (test: string, where: string): Figure[] => [
  {
    work: `outbound 10 kB, 10 connections, ${where}: taken and sent on`,
    test,
    field: 'sent_per_s',
    unit: '/s',
    better: 'more',
    target: 1,
  },
  { work: '… CPU for each message', test, field: 'cpu_ms_per_msg', unit: 'ms', better: 'less' },
  {
    work: `a full queue for ${where} released: sent`,
    test,
    field: 'drain_per_s',
    unit: '/s',
    better: 'more',
    target: 1,
  },
  { work: '… CPU for each message', test, field: 'drain_cpu_ms_per_msg', unit: 'ms', better: 'less' },
  { work: '… memory (PSS), at most', test, field: 'drain_pss_mb', unit: 'MB', better: 'less' },
];

const backlog = (test: string, what: string): Figure[] => [
  {
    work: `started with ${what}: the first leaves after`,
    test,
    field: 'first_s',
    unit: 's',
    better: 'less',
    atMost: 3,
  },
  { work: '… the living 20,000 leave', test, field: 'drain_per_s', unit: '/s', better: 'more' },
  { work: '… memory (PSS), at most', test, field: 'pss_mb', unit: 'MB', better: 'less' },
];

export const COMPARED: readonly Figure[] = [
  ...smtp(10, 'smtp_one_mailbox_c10', 'one mailbox'),
  ...smtp(50, 'smtp_one_mailbox_c50', 'one mailbox'),
  ...smtp(10, 'smtp_spread500_c10', '500 mailboxes'),
  ...smtp(50, 'smtp_spread500_c50', '500 mailboxes'),
  {
    work: 'announcement to 2,000: visible in all',
    test: 'announce_2000',
    field: 'delivered_s',
    unit: 's',
    better: 'less',
    target: 5,
  },
  { work: '… CPU', test: 'announce_2000', field: 'cpu_s', unit: 's', better: 'less' },
  {
    work: 'the same, first mail of all 2,000',
    test: 'announce_2000_newboxes',
    field: 'delivered_s',
    unit: 's',
    better: 'less',
    target: 5,
  },
  {
    work: '… disk for each announcement, the first included',
    test: 'announce_disk',
    field: 'disk_mb',
    unit: 'MB',
    better: 'less',
    atMost: 1,
  },
  {
    work: 'IDLE: 250 to EXISTS, p50',
    test: 'idle_latency',
    field: 'p50_ms',
    unit: 'ms',
    better: 'less',
    target: 30,
  },
  {
    work: '… while 2,000 others idle',
    test: 'idle_latency_with_2000',
    field: 'p50_ms',
    unit: 'ms',
    better: 'less',
    target: 30,
  },
  {
    work: 'memory with 2,000 idle connections (PSS)',
    test: 'idle_memory_2000',
    field: 'pss_mb',
    unit: 'MB',
    better: 'less',
    target: 5,
  },
  { work: '… with none', test: 'idle_memory_0', field: 'pss_mb', unit: 'MB', better: 'less' },
  {
    work: 'sign-in + SELECT of 50,000: CPU',
    test: 'login_select_m50k',
    field: 'cpu_ms_each',
    unit: 'ms',
    better: 'less',
    target: 3,
  },
  { work: '… SELECT, wall', test: 'login_select_m50k', field: 'select_ms', unit: 'ms', better: 'less' },
  {
    work: 'FETCH 1:* (FLAGS UID) of 50,000',
    test: 'fetch_flags_uid_m50k',
    field: 'wall_ms',
    unit: 'ms',
    better: 'less',
    target: 1 / 3,
  },
  {
    work: 'FETCH 1:* (UID ENVELOPE) of 50,000, first after a start',
    test: 'fetch_envelope_first_m50k',
    field: 'wall_ms',
    unit: 'ms',
    better: 'less',
    target: 1 / 3,
  },
  {
    work: '… again',
    test: 'fetch_envelope_m50k',
    field: 'wall_ms',
    unit: 'ms',
    better: 'less',
    target: 1 / 3,
  },
  {
    work: 'last 50 with HEADER.FIELDS, of 50,000',
    test: 'fetch_list50_m50k',
    field: 'wall_ms',
    unit: 'ms',
    better: 'less',
  },
  ...outbound('outbound_one', 'one destination'),
  ...outbound('outbound_spread200', '200 destinations'),
  ...backlog('backlog_alive', '20,000 queued'),
  ...backlog('backlog_dead80', '100,000 queued, 80,000 for a dead destination'),
];

/** Fields of `page_m1k` and its like, which have no counterpart at the peers. */
export const PAGE_FIELDS = [
  ['SELECT', 'select_ms'],
  ['50 rows right after it', 'opening_page_ms'],
  ['CPU of both', 'opening_cpu_ms'],
  ['50 rows again', 'page_ms'],
  ['CPU', 'page_cpu_ms'],
  ['first SELECT after a start', 'first_select_ms'],
  ['50 rows right after it', 'first_page_ms'],
] as const;

/** Median over all rows of that server and test; NaN when there is none. */
export function figureOf(rows: readonly Row[], label: string, test: string, field: string): number {
  const values = rows.filter((row) => row.label === label && row.test === test).map((row) => row[field]);
  return median(values.filter((value) => typeof value === 'number'));
}

/** How many times better ours is; NaN when either is missing. */
export function ratioOf(ours: number, peer: number, better: Figure['better']): number {
  return better === 'more' ? ours / peer : peer / ours;
}

/** Markdown; `peer` undefined leaves the comparison out. Figures that nobody measured are left out. */
export function formatComparison(rows: readonly Row[], ours: string, peer: string | undefined): string {
  const lines: string[][] = [
    peer === undefined ? ['work', 'ours'] : ['work', 'ours', 'Postfix + Dovecot', 'times better', 'wanted', ''],
  ];
  for (const figure of COMPARED) {
    const mine = figureOf(rows, ours, figure.test, figure.field);
    const theirs = peer === undefined ? Number.NaN : figureOf(rows, peer, figure.test, figure.field);
    if (Number.isNaN(mine) && Number.isNaN(theirs)) continue;
    const line = [figure.work, formatFigure(mine, figure.unit)];
    if (peer !== undefined) {
      const ratio = ratioOf(mine, theirs, figure.better);
      line.push(
        formatFigure(theirs, figure.unit),
        formatNumber(ratio),
        formatWanted(figure),
        judge(figure, mine, ratio),
      );
    }
    lines.push(line);
  }
  return formatTable(lines);
}

/** Markdown: one column for each size of mailbox. */
export function formatPages(rows: readonly Row[], ours: string, users: readonly string[]): string {
  const lines: string[][] = [['work, ms', ...users]];
  for (const [work, field] of PAGE_FIELDS) {
    lines.push([work, ...users.map((user) => formatNumber(figureOf(rows, ours, `page_${user}`, field)))]);
  }
  return formatTable(lines);
}

function formatWanted({ target, atMost, unit }: Figure): string {
  if (atMost !== undefined) return `at most ${atMost} ${unit}`;
  return target === undefined ? '' : `≥ ${formatNumber(target)}`;
}

function judge({ target, atMost }: Figure, mine: number, ratio: number): string {
  if (atMost !== undefined && !Number.isNaN(mine)) return mine <= atMost ? 'met' : 'MISSED';
  if (target === undefined || Number.isNaN(ratio)) return '';
  return ratio >= target ? 'met' : 'MISSED';
}

function formatFigure(value: number, unit: string): string {
  return Number.isNaN(value) ? '–' : `${formatNumber(value)} ${unit}`;
}

export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return '∞';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

function formatTable(lines: readonly (readonly string[])[]): string {
  const [head = [], ...body] = lines;
  const show = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [show(head), `|${'---|'.repeat(head.length)}`, ...body.map(show)].join('\n');
}
