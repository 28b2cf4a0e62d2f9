/** Telling the help desk by way of the server. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type { ProblemReportCapability, ProblemReportSendResponse } from '#contract/jmap/problem-report.ts';
import type { Client } from '#web/jmap/client.ts';
import type { ReportsModel } from './reports-model.ts';

export function createJmapReports({ accountId, connection }: Client): ReportsModel {
  return {
    async isTaken() {
      const session = await connection.session().catch(() => undefined);
      const capability = session?.accounts[accountId]?.accountCapabilities[CAPABILITIES.problemReports];
      return (capability as ProblemReportCapability | undefined)?.isTaken ?? false;
    },
    async send(problem, text, { traceId = null, letterId: emailId = null }) {
      try {
        const args = { accountId, problem, text, traceId, emailId };
        const { ticket } = (await connection.call('ProblemReport/send', args)) as ProblemReportSendResponse;
        return ticket === null ? 'tooMany' : { ticket };
      } catch {
        return 'failed';
      }
    },
  };
}
