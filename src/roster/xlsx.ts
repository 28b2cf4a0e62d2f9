/**
 * The first visible sheet of an Office Open XML workbook (ECMA-376 part 1 §18), as rows of cells. Reads what a list of people
 * needs: texts, numbers, days. Formulas are told, not believed; entities beyond XML's own, macros and links are not looked at.
 */
import { setImmediate } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import { Parser } from 'htmlparser2';
import { MailError } from '#base/errors.ts';
import { MAX_CELL_LENGTH, MAX_CELLS, MAX_INFLATED_OCTETS, MAX_PARTS, MAX_ROWS, MAX_SHARED_TEXTS } from './limits.ts';
import type { Cell, TableRow } from './table.ts';
import { serialToDay } from './xlsx-days.ts';

/** Octets of XML read before others get their turn: some 20 ms. */
const SLICE_OCTETS = 1024 * 1024;

/** Number formats that show days, of those that need no description (ECMA-376 part 1 §18.8.30), with the Chinese ones. */
const DAY_FORMATS = (id: number): boolean =>
  (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58);

/** `invalid`: no such workbook. `limit`, `tooLarge`: more than a list of people has. */
export async function readXlsx(octets: Buffer): Promise<readonly TableRow[]> {
  const parts = unzip(octets);
  const workbook = await readWorkbook(parts);
  const sheet = parts.get(workbook.sheetPath);
  if (sheet === undefined) throw new MailError('invalid', 'the workbook has no sheet');
  const texts = await readSharedTexts(parts.get('xl/sharedStrings.xml'));
  const isDay = await readDayStyles(parts.get('xl/styles.xml'));
  return readSheet(sheet, { texts, isDay, startsIn1904: workbook.startsIn1904 });
}

/** The XML parts by name. Archives that say one size and hold another end where they said. */
function unzip(octets: Buffer): ReadonlyMap<string, Uint8Array> {
  let inflated = 0;
  let parts = 0;
  try {
    const files = unzipSync(octets, {
      filter({ name, originalSize }) {
        if (++parts > MAX_PARTS) throw new MailError('limit', `the workbook has more than ${MAX_PARTS} parts`);
        if (!/^xl\/.*\.(?:xml|rels)$/.test(name)) return false;
        inflated += originalSize;
        if (inflated > MAX_INFLATED_OCTETS)
          throw new MailError('tooLarge', 'the workbook is larger than a list of people can be');
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    if (error instanceof MailError) throw error;
    throw new MailError('invalid', 'the file is damaged: it is no workbook', { cause: error });
  }
}

interface Tags {
  /** `name` without prefix. */
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

async function walk(xml: Uint8Array, { open, text, close }: Tags): Promise<void> {
  const decoder = new TextDecoder('utf-8');
  const parser = new Parser(
    {
      onopentag: (name, attributes) => open?.(localName(name), attributes),
      ontext: (value) => text?.(value),
      onclosetag: (name) => close?.(localName(name)),
    },
    { xmlMode: true },
  );
  for (let at = 0; at < xml.length; at += SLICE_OCTETS) {
    parser.write(decoder.decode(xml.subarray(at, at + SLICE_OCTETS), { stream: true }));
    await setImmediate();
  }
  parser.end(decoder.decode());
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function localAttribute(attributes: Readonly<Record<string, string>>, wanted: string): string | undefined {
  return Object.entries(attributes).find(([name]) => localName(name) === wanted)?.[1];
}

async function readWorkbook(
  parts: ReadonlyMap<string, Uint8Array>,
): Promise<{ readonly sheetPath: string; readonly startsIn1904: boolean }> {
  const xml = parts.get('xl/workbook.xml');
  if (xml === undefined) throw new MailError('invalid', 'the file is a zip archive, but no workbook (.xlsx)');
  let relation: string | undefined;
  let startsIn1904 = false;
  await walk(xml, {
    open(name, attributes) {
      if (name === 'workbookPr') startsIn1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '');
      const isVisible = (attributes['state'] ?? 'visible') === 'visible';
      // r:id, not sheetId.
      if (name === 'sheet' && isVisible)
        relation ??= Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
    },
  });
  let target: string | undefined;
  await walk(parts.get('xl/_rels/workbook.xml.rels') ?? new Uint8Array(), {
    open(name, attributes) {
      if (name === 'Relationship' && attributes['Id'] === relation) target = attributes['Target'];
    },
  });
  const path = target === undefined ? 'worksheets/sheet1.xml' : target.replace(/^\/xl\//, '');
  return { sheetPath: `xl/${path}`, startsIn1904 };
}

/** Texts that cells share; of rich text its runs, without how it is read aloud. */
async function readSharedTexts(xml: Uint8Array | undefined): Promise<readonly string[]> {
  const texts: string[] = [];
  if (xml === undefined) return texts;
  let text = '';
  let isText = false;
  let isPhonetic = false;
  await walk(xml, {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') isPhonetic = true;
      else isText = name === 't' && !isPhonetic;
    },
    text(value) {
      if (isText && text.length <= MAX_CELL_LENGTH) text += value;
    },
    close(name) {
      if (name === 't') isText = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'si') {
        if (texts.length === MAX_SHARED_TEXTS) throw new MailError('limit', 'the workbook has too many texts');
        texts.push(text);
      }
    },
  });
  return texts;
}

/** Which of the cells' styles show a number as a day. */
async function readDayStyles(xml: Uint8Array | undefined): Promise<readonly boolean[]> {
  const isDay: boolean[] = [];
  if (xml === undefined) return isDay;
  const dayFormats = new Set<string>();
  let isCellStyles = false;
  await walk(xml, {
    open(name, attributes) {
      // What stands in quotes or brackets is shown as it is.
      const code = (attributes['formatCode'] ?? '').slice(0, 200).replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, '');
      if (name === 'numFmt' && /[yd]/i.test(code)) dayFormats.add(attributes['numFmtId'] ?? '');
      if (name === 'cellXfs') isCellStyles = true;
      const id = attributes['numFmtId'] ?? '0';
      if (name === 'xf' && isCellStyles) isDay.push(dayFormats.has(id) || DAY_FORMATS(Number(id)));
    },
    close(name) {
      if (name === 'cellXfs') isCellStyles = false;
    },
  });
  return isDay;
}

interface Workbook {
  readonly texts: readonly string[];
  readonly isDay: readonly boolean[];
  readonly startsIn1904: boolean;
}

async function readSheet(xml: Uint8Array, workbook: Workbook): Promise<readonly TableRow[]> {
  const rows: TableRow[] = [];
  let row = 0;
  let cells: Cell[] = [];
  let hasFormula = false;
  let column = 0;
  let type = '';
  let style = 0;
  let value = '';
  let isValue = false;
  await walk(xml, {
    open(name, attributes) {
      switch (name) {
        case 'row':
          row = Number(localAttribute(attributes, 'r') ?? row + 1);
          cells = [];
          hasFormula = false;
          column = 0;
          return;
        case 'c':
          column = columnOf(attributes['r']) ?? column;
          if (column >= MAX_CELLS) throw new MailError('limit', `row ${row} has more than ${MAX_CELLS} columns`);
          type = attributes['t'] ?? 'n';
          style = Number(attributes['s'] ?? 0);
          value = '';
          return;
        case 'f':
          hasFormula = true;
          return;
        case 'v':
        case 't':
          isValue = true;
          return;
        default:
      }
    },
    text(text) {
      if (isValue && value.length <= MAX_CELL_LENGTH) value += text;
    },
    close(name) {
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'c') {
        while (cells.length < column) cells.push('');
        cells[column++] = toCell(value, type, style, workbook);
      } else if (name === 'row' && cells.some((cell) => cell !== '')) {
        if (rows.length === MAX_ROWS) throw new MailError('limit', `more than ${MAX_ROWS} rows`);
        rows.push({ row, cells, hasFormula });
      }
    },
  });
  return rows;
}

/** `C7` is 2. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^([A-Z]{1,3})\d/.exec(reference ?? '')?.[1];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

function toCell(value: string, type: string, style: number, { texts, isDay, startsIn1904 }: Workbook): Cell {
  if (type === 's') return (texts[Number(value)] ?? '').trim();
  if (type !== 'n' || value === '') return value.trim();
  const number = Number(value);
  if (!Number.isFinite(number)) return value.trim();
  return isDay[style] === true ? (serialToDay(number, startsIn1904) ?? number) : number;
}
