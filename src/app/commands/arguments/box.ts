/** Boxes and rights, as commands take and show them. */
import { CommandFailure, EXIT, type CommandArguments } from '#app/command.ts';
import type { System } from '#app/system.ts';
import type { AccountId } from '#base/ids.ts';
import { endOfBox } from '#directory/delegation.ts';
import { ACCOUNT_RIGHTS } from '#directory/types.ts';
import type { AccountRight, BoxRow } from '#directory/types.ts';
import { primaryAddress, requireAccount } from './account.ts';
import { textOption } from './options.ts';
import { formatTime, parseTime } from './time.ts';

/** Who changed what, where a command did. */
export const BY_COMMAND = 'the command line';

export const RIGHTS_HELP = `
  read            open all its mailboxes
  write           change, move and delete what is in them
  send-as         write as it; who wrote stands in our log and trace only
  send-on-behalf  write for it; who wrote stands in Sender
  manage          say who may do what`;

/** Throws CommandFailure (usage). */
export function readRights(words: readonly string[]): readonly AccountRight[] {
  const unknown = words.find((word) => !(ACCOUNT_RIGHTS as readonly string[]).includes(word));
  if (unknown !== undefined)
    throw new CommandFailure(`"${unknown}" is no right; they are: ${ACCOUNT_RIGHTS.join(', ')}`, EXIT.usage);
  return words as readonly AccountRight[];
}

/** What `--responsible`, `--until` and `--purpose` say. Throws CommandFailure. */
export async function readBox(
  system: System,
  args: CommandArguments,
): Promise<{ readonly responsibleId?: AccountId; readonly endsAt?: number | null; readonly purpose?: string }> {
  const responsible = textOption(args, 'responsible');
  const until = textOption(args, 'until');
  const purpose = textOption(args, 'purpose');
  return {
    ...(responsible === undefined ? {} : { responsibleId: (await requireAccount(system, responsible)).accountId }),
    ...(until === undefined ? {} : { endsAt: until === 'none' ? null : parseTime(until) }),
    ...(purpose === undefined ? {} : { purpose }),
  };
}

export async function describeBox(
  system: System,
  box: Pick<BoxRow, 'responsibleId' | 'endsAt' | 'vacantUntil' | 'reviewedAt'>,
): Promise<{ readonly responsible: string; readonly until: string; readonly reviewed: string }> {
  const { responsibleId, reviewedAt, vacantUntil } = box;
  const endsAt = endOfBox(box);
  const isOver = endsAt !== null && endsAt <= system.clock.now();
  return {
    // Somebody has to be named: it is shown as what it is.
    responsible:
      responsibleId === null
        ? 'NOBODY'
        : `${await primaryAddress(system, responsibleId)}${vacantUntil === null ? '' : ' (has left)'}`,
    until: endsAt === null ? '-' : `${formatTime(endsAt)}${isOver ? ' (over)' : ''}`,
    reviewed: reviewedAt === null ? 'never' : formatTime(reviewedAt),
  };
}
