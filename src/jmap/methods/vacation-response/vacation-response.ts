/** VacationResponse/get and VacationResponse/set (RFC 8621 §8): what those are told who write to somebody who is away. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import {
  VACATION_RESPONSE_PROPERTIES,
  VacationResponseChange,
  VacationResponseGet,
  VacationResponseSet,
  type VacationResponse,
} from '#contract/jmap/vacation-response.ts';
import type { VacationRow } from '#directory/types.ts';
import { contentState } from '#jmap/core/content-state.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { defineMethod, type JmapServices, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject } from '#jmap/core/set.ts';
import { getSingleton, patchOwn, setSingleton, SINGLETON } from '#jmap/core/singleton.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import { htmlToText } from '#mime/html-text.ts';

/** RFC 5230 §4.1: what most servers take. */
const DAYS = 7;

const NONE: VacationResponse = {
  id: SINGLETON,
  isEnabled: false,
  fromDate: null,
  toDate: null,
  subject: null,
  textBody: null,
  htmlBody: null,
  outsideTextBody: null,
};

/** Whose, and where it is read. */
interface VacationSource extends Pick<MethodContext, 'accountId'> {
  readonly services: { readonly directory: Pick<JmapServices['directory'], 'vacations'> };
}

async function readResponse({ services, accountId }: VacationSource): Promise<VacationResponse> {
  const [row] = await services.directory.vacations([accountId]);
  if (row === undefined) return NONE;
  const { isEnabled, from, until, subject, insideText, outsideText } = row;
  return {
    id: SINGLETON,
    isEnabled,
    fromDate: from === null ? null : formatUtcDate(from),
    toDate: until === null ? null : formatUtcDate(until),
    subject: subject === '' ? null : subject,
    textBody: insideText ?? outsideText,
    htmlBody: null,
    outsideTextBody: outsideText,
  };
}

export async function readVacationState(source: VacationSource): Promise<string> {
  return contentState(await readResponse(source));
}

export const vacationResponseGet = defineMethod({
  name: 'VacationResponse/get',
  access: 'own',
  capability: CAPABILITIES.vacationResponse,
  arguments: VacationResponseGet,
  run: (context, args) => getSingleton(args, VACATION_RESPONSE_PROPERTIES, () => readResponse(context)),
});

export const vacationResponseSet = defineMethod({
  name: 'VacationResponse/set',
  access: 'own',
  capability: CAPABILITIES.vacationResponse,
  arguments: VacationResponseSet,
  run: (context, args) =>
    setSingleton(context, args, {
      read: () => readResponse(context),
      update: (patch) => update(context, patch),
    }),
});

async function update(context: MethodContext, patch: Patch): Promise<object | null> {
  const { services, accountId } = context;
  const { id, ...before } = await readResponse(context);
  const {
    isEnabled = false,
    fromDate,
    toDate,
    subject,
    textBody,
    htmlBody,
    outsideTextBody,
  } = checkObject(VacationResponseChange, patchOwn(before, { id }, patch));
  const text = textBody ?? (htmlBody === null || htmlBody === undefined ? null : htmlToText(htmlBody));
  if (isEnabled && (text ?? '').trim() === '')
    throw new ObjectError('invalidProperties', 'a reply needs a text', { properties: ['textBody'] });
  const [row] = await services.directory.vacations([accountId]);
  await services.directory.setVacation({
    accountId,
    isEnabled,
    subject: subject ?? '',
    insideText: text,
    outsideText: outsideTextOf(patch, outsideTextBody, row, text),
    from: fromDate === null || fromDate === undefined ? null : Date.parse(fromDate),
    until: toDate === null || toDate === undefined ? null : Date.parse(toDate),
    days: row?.days ?? DAYS,
  });
  // Replies are plain text: what HTML was given is told back as what it became.
  return htmlBody === null || htmlBody === undefined ? null : { textBody: text, htmlBody: null };
}

/** As asked; of a client that does not know of it: the same for all, unless its user chose before that strangers hear nothing. */
function outsideTextOf(
  patch: Patch,
  asked: string | null | undefined,
  row: Pick<VacationRow, 'insideText' | 'outsideText'> | undefined,
  text: string | null,
): string | null {
  if (Object.hasOwn(patch, 'outsideTextBody')) return asked ?? null;
  return row !== undefined && row.insideText !== null && row.outsideText === null ? null : text;
}
