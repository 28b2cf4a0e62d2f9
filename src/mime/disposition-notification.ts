/** What a receipt says (RFC 8098 §3): the fields of its part `message/disposition-notification`, written and read. */
import { formatHeaderField } from './compose.ts';
import { cleanText, decodeHeaderText } from './encoded-word.ts';
import { parseHeader } from './header.ts';

const ACTION_MODES = ['manual-action', 'automatic-action'] as const;
const SENDING_MODES = ['mdn-sent-manually', 'mdn-sent-automatically'] as const;
const DISPOSITION_TYPES = ['deleted', 'dispatched', 'displayed', 'processed'] as const;

export interface DispositionNotification {
  readonly reportingUA?: string;
  readonly gateway?: string;
  /** Addresses with their type, as RFC 8098 writes them: `rfc822; li@kust.example`. */
  readonly originalRecipient?: string;
  readonly finalRecipient: string;
  /** With angle brackets. */
  readonly originalMessageId?: string;
  readonly disposition: {
    readonly actionMode: (typeof ACTION_MODES)[number];
    readonly sendingMode: (typeof SENDING_MODES)[number];
    readonly type: (typeof DISPOSITION_TYPES)[number];
  };
  readonly errors: readonly string[];
  readonly extensionFields: Readonly<Record<string, string>>;
}

/** The part's content; what is not ASCII in it becomes encoded words. */
export function formatDispositionNotification(notification: DispositionNotification): string {
  const { reportingUA, gateway, originalRecipient, finalRecipient, originalMessageId } = notification;
  const { disposition, errors, extensionFields } = notification;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Reporting-UA', reportingUA],
    ['MDN-Gateway', gateway],
    ['Original-Recipient', originalRecipient],
    ['Final-Recipient', finalRecipient],
    ['Original-Message-ID', originalMessageId],
    ['Disposition', `${disposition.actionMode}/${disposition.sendingMode.replace('mdn', 'MDN')}; ${disposition.type}`],
    ...errors.map((error) => ['Error', error] as const),
    ...Object.entries(extensionFields).filter(([name]) => !KNOWN_FIELDS.has(name.toLowerCase())),
  ];
  return fields.map(([name, value]) => (value === undefined ? '' : formatHeaderField(name, value))).join('');
}

/** Undefined for what says neither for whom nor what became of the message. */
export function parseDispositionNotification(octets: Uint8Array): DispositionNotification | undefined {
  const header = parseHeader(octets);
  const read = (lowerName: string): string | undefined => {
    const value = header.first(lowerName);
    return value === undefined ? undefined : cleanText(decodeHeaderText(value));
  };
  const finalRecipient = read('final-recipient');
  const disposition = parseDisposition(read('disposition') ?? '');
  if (finalRecipient === undefined || disposition === undefined) return undefined;
  const reportingUA = read('reporting-ua');
  const gateway = read('mdn-gateway');
  const originalRecipient = read('original-recipient');
  const originalMessageId = read('original-message-id');
  return {
    ...(reportingUA === undefined ? {} : { reportingUA }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(originalRecipient === undefined ? {} : { originalRecipient }),
    finalRecipient,
    ...(originalMessageId === undefined ? {} : { originalMessageId }),
    disposition,
    errors: header.all('error').map((value) => cleanText(decodeHeaderText(value))),
    extensionFields: Object.fromEntries(
      header.fields
        .filter(({ lowerName }) => !KNOWN_FIELDS.has(lowerName))
        .map((field) => [field.name, cleanText(decodeHeaderText(header.value(field)))]),
    ),
  };
}

const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  'reporting-ua mdn-gateway original-recipient final-recipient original-message-id disposition error'.split(' '),
);

/** RFC 8098 §3.2.6: `manual-action/MDN-sent-manually; displayed/modifier`, in any case. */
function parseDisposition(value: string): DispositionNotification['disposition'] | undefined {
  const [modes = '', outcome = ''] = value.toLowerCase().split(';', 2);
  const [action, sending] = modes.split('/').map((mode) => mode.trim());
  const said = outcome.split('/', 1)[0]?.trim();
  const actionMode = ACTION_MODES.find((mode) => mode === action);
  const sendingMode = SENDING_MODES.find((mode) => mode === sending);
  const type = DISPOSITION_TYPES.find((one) => one === said);
  if (actionMode === undefined || sendingMode === undefined || type === undefined) return undefined;
  return { actionMode, sendingMode, type };
}
