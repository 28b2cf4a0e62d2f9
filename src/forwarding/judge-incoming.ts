/** What the filters of accounts do with a message that comes for them. */
import type { AccountId } from '#base/ids.ts';
import { judgeMessage } from '#filters/judge-message.ts';
import type { Judgement } from '#filters/judge-message.ts';
import { MessageFacts } from '#filters/message-facts.ts';
import { packKeywords } from '#mail/keywords.ts';
import type { Forwarding, Incoming } from './forwarding.ts';

/**
 * For those accounts that have filters. Never rejects: what fails is logged, and the message goes where it goes without
 * them.
 */
export async function judgeIncoming(
  { directory, log }: Pick<Forwarding, 'directory' | 'log'>,
  { message, octets, envelope, authentication, into = 'inbox' }: Incoming,
  accountIds: readonly AccountId[],
): Promise<ReadonlyMap<AccountId, Judgement>> {
  try {
    const rows = await directory.filters(accountIds);
    if (rows.length === 0) return new Map();
    const { summary, sizeBytes } = message.digest;
    const [author] = summary.from;
    const resolution = author === undefined ? undefined : await directory.resolveAddress(author.email);
    const isOurs = resolution !== undefined && resolution.kind !== 'unknownDomain';
    const facts = new MessageFacts({
      summary,
      octets,
      sizeBytes,
      reversePath: envelope.reversePath,
      // Whoever only pretends to be of us is not.
      isInside: isOurs && authentication?.dmarc.result !== 'fail',
    });
    return new Map(
      rows.flatMap((row) => {
        try {
          const judgement = judgeMessage(row, facts, into);
          // Refused here, where the message has a place to go, and not by the store.
          packKeywords(judgement.destination.keywords);
          return [[row.accountId, judgement] as const];
        } catch (error) {
          log.error({ err: error, accountId: row.accountId }, 'filters failed');
          return [];
        }
      }),
    );
  } catch (error) {
    log.error({ err: error }, 'filters could not be asked');
    return new Map();
  }
}
