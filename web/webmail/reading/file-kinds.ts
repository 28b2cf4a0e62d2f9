/** What a file is, as its mark says it, and its name made harmless. Pure. */

export interface FileKind {
  /** Up to four letters. */
  readonly mark: string;
  readonly tone: 'plain' | 'accent' | 'good' | 'warn' | 'seal';
}

const KINDS: readonly (readonly [pattern: RegExp, kind: FileKind])[] = [
  [/^pdf$/, { mark: 'PDF', tone: 'seal' }],
  [/^(?:docx?|odt|wps|rtf)$/, { mark: 'DOC', tone: 'accent' }],
  [/^(?:xlsx?|csv|ods|et)$/, { mark: 'XLS', tone: 'good' }],
  [/^(?:pptx?|odp|dps)$/, { mark: 'PPT', tone: 'warn' }],
  [/^(?:zip|rar|7z|tar|gz|xz)$/, { mark: 'ZIP', tone: 'warn' }],
  [/^(?:png|jpe?g|gif|webp|avif|bmp|heic|svg)$/, { mark: 'IMG', tone: 'accent' }],
  [/^(?:exe|com|scr|bat|cmd|js|vbs|lnk|msi|jar|apk|ps1|hta)$/, { mark: '!', tone: 'seal' }],
];

/** By the name's ending, because that decides what opens it; the type is only what the sender says. */
export function kindOf(name: string): FileKind {
  const extension = /\.([^.]{1,8})$/.exec(shownName(name))?.[1]?.toLowerCase() ?? '';
  const known = KINDS.find(([pattern]) => pattern.test(extension))?.[1];
  return known ?? { mark: extension.slice(0, 4).toUpperCase() || 'FILE', tone: 'plain' };
}

const PICTURES = /^image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml)$/;

/** How an attachment can be looked into; undefined: not here. A picture is drawn as one, so that nothing in it can run. */
export function previewOf({ name, type }: { readonly name: string; readonly type: string }): Preview | undefined {
  const { mark } = kindOf(name);
  if (PICTURES.test(type)) return 'picture';
  if (type === 'application/pdf' || mark === 'PDF') return 'pdf';
  const ending = /\.(docx|xlsx|pptx|zip)$/i.exec(shownName(name))?.[1]?.toLowerCase();
  if (ending !== undefined) return PACKED[ending];
  if (isTnef({ name, type })) return 'tnef';
  // text/html, too: what it says, not what it does.
  return type.startsWith('text/') || /^(?:TXT|MD|CSV|LOG|JSON|XML|EML)$/.test(mark) ? 'text' : undefined;
}

export type Preview = 'picture' | 'pdf' | 'text' | 'document' | 'sheets' | 'slides' | 'archive' | 'tnef';

/** By their endings; the older formats of offices (doc, xls, ppt) can be looked into by nobody here. */
const PACKED: Readonly<Record<string, Preview>> = {
  docx: 'document',
  xlsx: 'sheets',
  pptx: 'slides',
  zip: 'archive',
};

/** Outlook's wrapping of what it could not say otherwise; other programs cannot open it. */
export function isTnef({ name, type }: { readonly name: string; readonly type: string }): boolean {
  return type === 'application/ms-tnef' || /^winmail\.dat$/i.test(name);
}

/** Without controls: `invoice\u202Efdp.exe` would be read as invoiceexe.pdf. */
export function shownName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').trim() || 'noname';
}
