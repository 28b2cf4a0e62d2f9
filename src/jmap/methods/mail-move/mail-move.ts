/** MailMove/get and /dismiss, ours: how far the mail of the system before has come (A14). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  MAIL_MOVE_PROPERTIES,
  MailMoveDismiss,
  MailMoveGet,
  type MailMove,
  type MailMoveDismissResponse,
} from '#contract/jmap/mail-move.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { SINGLETON } from '#jmap/core/singleton.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import type { OwnMove } from '#migration/own-move.ts';

export const mailMoveGet = defineMethod({
  name: 'MailMove/get',
  access: 'own',
  capability: CAPABILITIES.migration,
  arguments: MailMoveGet,
  async run({ services, accountId }, args) {
    const properties = chooseProperties(args.properties, MAIL_MOVE_PROPERTIES);
    const move = await services.moves.read(accountId);
    const list = move === undefined ? [] : [toMailMove(move)];
    return answerGet(args, contentState(list), list, properties);
  },
});

export const mailMoveDismiss = defineMethod({
  name: 'MailMove/dismiss',
  access: 'own',
  capability: CAPABILITIES.migration,
  arguments: MailMoveDismiss,
  async run({ services, accountId }, args): Promise<MailMoveDismissResponse> {
    await services.moves.dismiss(accountId);
    return { accountId: args.accountId };
  },
});

function toMailMove({ sourceBytes, movedBytes, finishedAt, ...move }: OwnMove): MailMove {
  return {
    id: SINGLETON,
    ...move,
    sourceSize: sourceBytes,
    movedSize: movedBytes,
    finishedAt: finishedAt === null ? null : formatUtcDate(finishedAt),
  };
}
