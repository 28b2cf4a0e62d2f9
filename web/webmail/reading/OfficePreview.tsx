import { Fragment, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import type { AttachmentView } from '#web/webmail/model.ts';
import { useAnswer } from '#web/webmail/use-answer.ts';
import { listArchive, tame, unpack } from './archive.ts';
import { kindOf, shownName, type Preview } from './file-kinds.ts';
import { MailFrame } from './MailFrame.tsx';
import { PlainText } from './PlainText.tsx';
import { saveFile } from './save-all.ts';
import { readTnef } from './tnef.ts';

/** Larger ones are saved rather than looked into, octets. */
const LOOKED_INTO_BYTES = 30 * 1024 * 1024;
/** Of each sheet: enough to know it by. */
const MOST_ROWS = 300;
const MOST_COLUMNS = 40;
const NO_PICTURES: ReadonlyMap<string, string> = new Map();

export type OfficeKind = Extract<Preview, 'document' | 'sheets' | 'slides' | 'archive' | 'tnef'>;

/** What stands in a document, a spreadsheet, slides, an archive or a winmail.dat. */
export function OfficePreview({
  attachment,
  kind,
}: {
  readonly attachment: AttachmentView;
  readonly kind: OfficeKind;
}) {
  const { t, size } = useTexts();
  const content = useAnswer<ReactNode>(attachment.url, async () => {
    if (attachment.sizeBytes > LOOKED_INTO_BYTES) return <Banner tone="info">{t('preview.tooLarge')}</Banner>;
    const answer = await fetch(attachment.url);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return draw(kind, new Uint8Array(await answer.arrayBuffer()), shownName(attachment.name), size);
  });
  if (content === 'asking') return <Skeleton count={6} />;
  if (content === 'failed') return <Banner tone="trouble">{t('preview.failed')}</Banner>;
  return content;
}

async function draw(
  kind: OfficeKind,
  octets: Uint8Array<ArrayBuffer>,
  title: string,
  size: (bytes: number) => string,
): Promise<ReactNode> {
  switch (kind) {
    case 'document': {
      // A large library, for whoever looks into a document.
      const { default: mammoth } = await import('mammoth/mammoth.browser.js');
      const { value } = await mammoth.convertToHtml({ arrayBuffer: tame(octets).buffer });
      return <MailFrame html={value} pictures={NO_PICTURES} title={title} />;
    }
    case 'sheets': {
      const { default: readXlsxFile } = await import('read-excel-file/browser');
      return <Sheets sheets={await readXlsxFile(new Blob([tame(octets)]))} />;
    }
    case 'slides':
      return <Slides slides={readSlides(octets)} />;
    case 'archive':
      return <Archive {...listArchive(octets)} size={size} />;
    case 'tnef': {
      const tnef = readTnef(octets);
      if (tnef === undefined) throw new Error('no TNEF');
      return (
        <>
          <Files
            files={tnef.files.map((file) => ({ name: file.name, sizeBytes: file.octets.length, octets: file.octets }))}
            size={size}
          />
          {tnef.text !== '' && <PlainText text={tnef.text} />}
        </>
      );
    }
  }
}

/** A date is an object as well. */
type Cell = string | number | boolean | object | null;

interface Sheet {
  readonly sheet: string;
  readonly data: readonly (readonly Cell[])[];
}

function Sheets({ sheets }: { readonly sheets: readonly Sheet[] }) {
  const { t } = useTexts();
  return sheets.map(({ sheet, data }) => (
    <Fragment key={sheet}>
      <h3 className="preview__part">{sheet}</h3>
      <div className="preview__sheet scroll" tabIndex={0} role="group" aria-label={sheet}>
        <table>
          <tbody>
            {data.slice(0, MOST_ROWS).map((row, at) => (
              <tr key={at}>
                <th scope="row">{at + 1}</th>
                {row.slice(0, MOST_COLUMNS).map((cell, column) => (
                  <td key={column}>{cellText(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.length > MOST_ROWS && <p>{t('preview.isCut')}</p>}
    </Fragment>
  ));
}

function cellText(cell: Cell): string {
  if (cell instanceof Date) return cell.toISOString().slice(0, 16).replace('T', ' ').replace(' 00:00', '');
  return typeof cell === 'object' ? '' : String(cell);
}

function Slides({ slides }: { readonly slides: readonly (readonly string[])[] }) {
  const { t } = useTexts();
  return slides.map((paragraphs, at) => (
    <section key={at} className="preview__slide" aria-label={t('preview.slide', { number: at + 1 })}>
      <span className="preview__number numbers">{at + 1}</span>
      {paragraphs.map((text, at) => (
        <p key={at}>{text}</p>
      ))}
    </section>
  ));
}

/** ECMA-376 part 1 §19.3: the paragraphs of each slide, in the slides' order of number. */
function readSlides(octets: Uint8Array): readonly (readonly string[])[] {
  const files = unpack(octets, (name) => /^ppt\/slides\/slide\d{1,4}\.xml$/.test(name));
  const numberOf = (name: string) => Number(/\d+/.exec(name)?.[0]);
  return Object.keys(files)
    .toSorted((a, b) => numberOf(a) - numberOf(b))
    .map((name) => {
      const page = new DOMParser().parseFromString(new TextDecoder().decode(files[name]), 'application/xml');
      return Array.from(page.getElementsByTagNameNS('*', 'p'), (paragraph) =>
        Array.from(paragraph.getElementsByTagNameNS('*', 't'), ({ textContent }) => textContent).join(''),
      ).filter((text) => text.trim() !== '');
    });
}

interface ShownFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Where it can be saved from here. */
  readonly octets?: Uint8Array<ArrayBuffer>;
}

function Archive({
  entries,
  isCut,
  size,
}: {
  readonly entries: readonly ShownFile[];
  readonly isCut: boolean;
  readonly size: (bytes: number) => string;
}) {
  const { t } = useTexts();
  return (
    <>
      <Files files={entries.filter(({ name }) => !name.endsWith('/'))} size={size} />
      {isCut && <p>{t('preview.isCut')}</p>}
    </>
  );
}

function Files({ files, size }: { readonly files: readonly ShownFile[]; readonly size: (bytes: number) => string }) {
  const { t } = useTexts();
  return (
    <ul className="preview__files">
      {files.map(({ name, sizeBytes, octets }, at) => {
        const { mark, tone } = kindOf(name);
        const shown = shownName(name);
        return (
          <li key={at}>
            <Badge tone={tone}>{mark}</Badge>
            <bdi className="one-line">{shown}</bdi>
            <span className="numbers">{size(sizeBytes)}</span>
            {octets && (
              <Button kind="quiet" icon="download" onClick={() => saveFile(new Blob([octets]), shown)}>
                {t('reading.save')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
