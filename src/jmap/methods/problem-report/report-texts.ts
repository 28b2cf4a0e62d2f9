/** What the help desk reads of a reported problem: Chinese first. Nothing of the message's own words. */
import type { Problem } from '#contract/jmap/problem-report.ts';

export interface ReportedMessage {
  /** What the server's log calls it; null where only its mailbox is known. */
  readonly traceId: string | null;
  readonly messageId: string;
  /** When it was taken, or came in. */
  readonly at: number;
  readonly sizeBytes: number;
}

export interface ReportFacts {
  readonly ticket: string;
  readonly problem: Problem;
  readonly text: string;
  readonly messages: readonly ReportedMessage[];
  readonly login: string;
  /** What the browser or program calls itself. */
  readonly agent: string;
  readonly at: number;
}

const PROBLEM_NAMES: Readonly<Record<Problem, readonly [zh: string, en: string]>> = {
  notArrived: ['对方没有收到', 'it did not arrive'],
  notReceived: ['收不到邮件', 'mail is not received'],
  late: ['邮件延迟', 'it came late'],
  junk: ['误判为垃圾邮件', 'taken for junk'],
  unreadable: ['乱码或无法打开', 'it cannot be read'],
  other: ['其他问题', 'something else'],
};

export function reportSubject({ ticket, problem, login }: ReportFacts): string {
  return `[${ticket}] ${PROBLEM_NAMES[problem].join(' / ')}: ${login}`;
}

export function reportText({ ticket, problem, text, messages, login, agent, at }: ReportFacts): string {
  const facts: [string, string][] = [
    ['工单 Ticket', ticket],
    ['账号 Account', login],
    ['问题 Problem', PROBLEM_NAMES[problem].join(' / ')],
    ['反馈时间 Reported', formatTime(at)],
    ['程序 Program', agent || '-'],
  ];
  for (const message of messages) {
    if (message.traceId !== null) facts.push(['跟踪号 Trace', message.traceId]);
    facts.push(['Message-ID', message.messageId === '' ? '-' : `<${message.messageId}>`]);
    facts.push(['邮件时间 Message of', formatTime(message.at)], ['大小 Octets', String(message.sizeBytes)]);
  }
  const lines = facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  const said = text.trim() === '' ? '' : `\n用户说明 In their own words:\n\n${text.trim()}\n`;
  return `${lines}\n${said}\n回复本邮件即可答复用户。A reply to this mail goes to whoever reported it.\n`;
}

/** The university's own time, whoever reads it. */
function formatTime(ms: number): string {
  return `${new Date(ms).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' })} (UTC+8)`;
}
