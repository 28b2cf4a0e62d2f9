/** `campusmail dmarc`: what other servers report of mail in our domains' names, and where it comes from. */
import { EXIT, type StoreCommand } from '#app/command.ts';
import { type DmarcSummary, type ReceivedDmarcReport, summarise } from '#trust/dmarc-report.ts';
import { countOption, hasOption } from './arguments/options.ts';
import { formatCount, formatNumberOf } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';
import { requireOwnDomain } from './dkim-add.ts';

const DAY_S = 86_400;
/** Of a domain, the newest: a university has some 30 reporters a day, each with some dozens of rows. */
const REPORTS_READ = 1_000;
const SOURCES_SHOWN = 20;
const REPORTERS_SHOWN = 10;

/** One address that sends in the domain's name, as all reporters together saw it. */
interface Source extends DmarcSummary {
  readonly address: string;
  /** The domains of From that it used. */
  readonly names: readonly string[];
}

interface Reporter {
  readonly name: string;
  readonly reports: number;
  /** The end of its newest report, seconds. */
  readonly endS: number;
}

interface DomainSummary extends DmarcSummary {
  readonly domain: string;
  readonly days: number;
  readonly reports: number;
  /** Whether there is more than was counted: more reports, or rows of one. */
  readonly isCut: boolean;
  /** Those with most failures first. */
  readonly sources: readonly Source[];
  /** The newest first. */
  readonly reporters: readonly Reporter[];
}

export const dmarc: StoreCommand = {
  name: 'dmarc',
  usage: '[DOMAIN] [--days N] [--json]',
  about: "Show what others report of mail in our domains' names (DMARC), and which addresses sent it.",
  details: `
Others send these reports where a domain's DMARC record asks for them, as the
one that campusmail dns shows does. Mail passes that is signed by the domain
or comes from its servers. A source of your own that fails needs a DKIM key or
a place in the SPF record; once none does, the policy can be p=reject. Nobody
proves what a report says.

  --days N  reports of the last so many days; 30 by default
  --json    one JSON object a domain, with all sources`,
  options: { days: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [0, 1],
  needs: 'store',
  async run(system, args, io) {
    const days = countOption(args, 'days', { byDefault: 30, most: 400 });
    const [given] = args.positionals;
    const domains =
      given === undefined
        ? (await system.directory.listDomains()).map(({ domain }) => domain)
        : [await requireOwnDomain(system, given)];
    const fromS = Math.floor(system.clock.now() / 1000) - days * DAY_S;
    for (const [index, domain] of domains.entries()) {
      if (io.signal.aborted) break;
      const reports = await system.trustStore.reader.dmarcReports(domain, fromS, REPORTS_READ + 1);
      const summary = summariseDomain(domain, days, reports);
      if (hasOption(args, 'json')) io.out(`${JSON.stringify(summary)}\n`);
      else io.out(`${index === 0 ? '' : '\n'}${describe(summary)}`);
    }
    return EXIT.ok;
  },
};

function summariseDomain(domain: string, days: number, found: readonly ReceivedDmarcReport[]): DomainSummary {
  const reports = found.slice(0, REPORTS_READ);
  const rows = reports.flatMap((report) => report.rows);
  const sources = Array.from(
    Map.groupBy(rows, ({ sourceIp }) => sourceIp),
    ([address, ofAddress]): Source => ({
      address,
      names: [...new Set(ofAddress.map(({ headerFrom }) => headerFrom))].toSorted(),
      ...summarise(ofAddress),
    }),
  );
  return {
    domain,
    days,
    reports: reports.length,
    ...summarise(rows),
    isCut: found.length > reports.length || reports.some(({ isCut }) => isCut),
    sources: sources.toSorted((a, b) => countFailed(b) - countFailed(a) || b.messages - a.messages),
    reporters: Array.from(
      Map.groupBy(reports, ({ orgName }) => orgName),
      ([name, [newest, ...others]]): Reporter => ({ name, reports: 1 + others.length, endS: newest?.endS ?? 0 }),
    ),
  };
}

function countFailed({ messages, passed }: DmarcSummary): number {
  return messages - passed;
}

function describe(summary: DomainSummary): string {
  const { domain, days, reports, isCut, sources, reporters } = summary;
  const span = `in the last ${formatNumberOf(days, 'day')}`;
  if (reports === 0) return `${domain}: no reports ${span}\n`;
  const head =
    `${domain}: ${formatNumberOf(reports, 'report')} ${span}\n` +
    `  ${formatNumberOf(summary.messages, 'message')}: ${describeCounts(summary)}\n` +
    (isCut
      ? '  Not all is counted: of so many the newest reports, and of each report the rows of most messages.\n'
      : '');
  const sourceLines = sources
    .slice(0, SOURCES_SHOWN)
    .map((source) => [`  ${source.address}`, describeCounts(source), toPrintable(source.names.join(', '))]);
  const others = sources.length - sourceLines.length;
  const reporterLines = reporters
    .slice(0, REPORTERS_SHOWN)
    .map(({ name, reports: count, endS }) => [
      `  ${toPrintable(name)}`,
      formatNumberOf(count, 'report'),
      `until ${formatTime(endS * 1000)}`,
    ]);
  return (
    `${head}\nSources, those that fail first:\n${formatTable(sourceLines)}` +
    (others > 0 ? `  … and ${formatCount(others)} more (--json shows them)\n` : '') +
    `\nReporters, the newest first:\n${formatTable(reporterLines)}`
  );
}

/** What became of them, as the reporters say; parts that are nought are left out. */
function describeCounts(summary: DmarcSummary): string {
  const parts = [
    [countFailed(summary), 'failed'],
    [summary.passed, 'passed'],
    [summary.rejected, 'rejected'],
    [summary.quarantined, 'quarantined'],
  ] as const;
  return parts.flatMap(([count, what]) => (count === 0 ? [] : [`${formatCount(count)} ${what}`])).join(', ');
}
