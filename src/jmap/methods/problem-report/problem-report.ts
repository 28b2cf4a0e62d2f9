/** ProblemReport/send, ours: a mail to the help desk that says which message somebody means. */
import { randomId } from '#base/random.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { ProblemReportSend, type ProblemReportSendResponse } from '#contract/jmap/problem-report.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { parseEmailId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { findVisible, ownAddresses } from '#jmap/methods/message-trace/read-trace.ts';
import { composeMessage } from '#mime/compose.ts';
import { postmasterOf } from '#submission/texts.ts';
import { reportSubject, reportText, type ReportedMessage } from './report-texts.ts';

export const problemReportSend = defineMethod({
  name: 'ProblemReport/send',
  access: 'own',
  capability: CAPABILITIES.problemReports,
  arguments: ProblemReportSend,
  async run(context, { accountId, problem, text, traceId, emailId }): Promise<ProblemReportSendResponse> {
    const { services, caller } = context;
    const { helpDesk, clock, random, hostname } = services;
    if (helpDesk.address === null) throw new MethodError('forbidden', 'there is no help desk to tell');
    const messages = [await reportedTrace(context, traceId), await reportedEmail(context, emailId)].filter(
      (message) => message !== undefined,
    );
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    if (!(await claimReport(context, day))) return { accountId, ticket: null };
    const ticket = `${day.replaceAll('-', '')}-${randomId(random, 6).toUpperCase()}`;
    const facts = { ticket, problem, text, messages, login: caller.login, agent: caller.agent, at: clock.now() };
    const octets = composeMessage({
      from: { name: '邮件系统 Mail System', email: postmasterOf(caller.login) },
      to: [{ name: '', email: helpDesk.address }],
      replyTo: [{ name: '', email: caller.login }],
      subject: reportSubject(facts),
      text: reportText(facts),
      dateMs: clock.now(),
      messageId: `${randomId(random, 16)}@${hostname}`,
    });
    await helpDesk.post(octets, helpDesk.address);
    return { accountId, ticket };
  },
});

/** So many a day, whichever thread or machine is asked. */
async function claimReport({ services, accountId }: MethodContext, day: string): Promise<boolean> {
  for (let number = 1; number <= JMAP_LIMITS.problemReportsPerDay; number++)
    if (await services.directory.claimNotice(`problem report ${day} ${number}`, accountId)) return true;
  return false;
}

/** Throws MethodError `invalidArguments` for what is not the account's business. */
async function reportedTrace(context: MethodContext, id: Id | null): Promise<ReportedMessage | undefined> {
  if (id === null) return undefined;
  const visible = await findVisible(context, id, await ownAddresses(context));
  if (visible === undefined) throw new MethodError('invalidArguments', '/traceId: no message of yours');
  const { queueId, messageId, at, sizeBytes } = visible.trace.message;
  return { traceId: queueId, messageId, at, sizeBytes };
}

async function reportedEmail(
  { account, accountId }: MethodContext,
  id: Id | null,
): Promise<ReportedMessage | undefined> {
  if (id === null) return undefined;
  const emailId = parseEmailId(accountId, id);
  const [row] = emailId === undefined ? [] : await account.listRows([emailId]);
  if (row === undefined) throw new MethodError('invalidArguments', '/emailId: no message of yours');
  const { receivedAt, sizeBytes, summary } = row;
  return { traceId: null, messageId: summary.messageId[0] ?? '', at: receivedAt, sizeBytes };
}
