/** Sends a submitted message on to those in the groups it is addressed to. */
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { formatAddress } from '#directory/address.ts';
import type { GroupRow } from '#directory/types.ts';
import { postToGroup } from '#groups/post-to-group.ts';
import type { GroupSurroundings, Posting } from '#groups/post-to-group.ts';
import type { SmtpReply } from '#smtp/receiver.ts';
import type { TraceEvent } from '#trace/types.ts';
import { say, texts } from './texts.ts';

export interface PostedToGroups {
  /** Those that did not get it. */
  readonly missed: ReadonlySet<GroupRow>;
  /** What to say if nobody at all did; undefined where it is no refusal but a fault. */
  readonly refusal: SmtpReply | undefined;
  readonly events: readonly TraceEvent[];
}

/** One after another: who is in several gets it once. Durable when it resolves. */
export async function postToGroups(
  surroundings: GroupSurroundings & { readonly log: Logger },
  groups: readonly GroupRow[],
  posting: Omit<Posting, 'group' | 'haveIt'>,
  haveIt: Set<AccountId | string>,
): Promise<PostedToGroups> {
  const missed = new Set<GroupRow>();
  const events: TraceEvent[] = [];
  let refusal: SmtpReply | undefined;
  for (const group of groups) {
    const address = formatAddress(group);
    const outcome = await postToGroup(surroundings, { ...posting, group, haveIt }).catch((error: unknown) => {
      // Others have the message: it must not end as if nobody had.
      surroundings.log.error({ err: error, group: address }, 'posting to a group failed');
      return { kind: 'failed' } as const;
    });
    const { smtpUtf8 } = posting.envelope;
    switch (outcome.kind) {
      case 'posted':
        events.push(...outcome.events);
        continue;
      case 'loop':
        refusal = { code: 554, enhanced: '5.4.6', text: say(texts.listLoop(address), smtpUtf8) };
        break;
      case 'nobody':
        refusal = { code: 550, enhanced: '5.2.4', text: say(texts.emptyGroup(address), smtpUtf8) };
        break;
      case 'tooMany':
        surroundings.log.error({ group: address }, 'a group reaches too many');
        break;
      case 'failed':
        break;
    }
    missed.add(group);
  }
  return { missed, refusal, events };
}
