/** Lists of invented people to test with. */
import { zipSync } from 'fflate';

/** A number that its check character fits; of nobody: no county has the code 990000. */
export function identityNumber(sequence: number, birthday = '20050315'): string {
  const body = `990000${birthday}${String(sequence % 1000).padStart(3, '0')}`;
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += Number(body[i]) * ((1 << (17 - i)) % 11);
  return `${body}${'10X98765432'[sum % 11] ?? ''}`;
}

export type SheetCell =
  | string
  | number
  | { readonly serial: number }
  | { readonly formula: string; readonly value: string | number };

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A workbook as programs write them: shared texts, one sheet that is hidden before the one that counts. */
export function makeXlsx(rows: readonly (readonly SheetCell[])[]): Buffer {
  const texts: string[] = [];
  const cellXml = (cell: SheetCell, reference: string): string => {
    if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
    if (typeof cell === 'string') {
      texts.push(cell);
      return `<c r="${reference}" t="s"><v>${texts.length - 1}</v></c>`;
    }
    if ('serial' in cell) return `<c r="${reference}" s="1"><v>${cell.serial}</v></c>`;
    return `<c r="${reference}" t="str"><f>${escape(cell.formula)}</f><v>${escape(String(cell.value))}</v></c>`;
  };
  const sheet = rows
    .map((cells, row) => {
      const xml = cells.map((cell, i) => (cell === '' ? '' : cellXml(cell, `${columnName(i)}${row + 1}`)));
      return `<row r="${row + 1}">${xml.join('')}</row>`;
    })
    .join('');
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const parts: Record<string, string> = {
    '[Content_Types].xml': '<Types/>',
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="说明" sheetId="1" state="hidden" r:id="rId1"/><sheet name="名单" sheetId="2" r:id="rId2"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="worksheets/sheet2.xml"/></Relationships>',
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row></sheetData></worksheet>`,
    'xl/worksheets/sheet2.xml': `<worksheet xmlns="${main}"><sheetData>${sheet}</sheetData></worksheet>`,
    'xl/sharedStrings.xml': `<sst xmlns="${main}">${texts.map((text) => `<si><r><t>${escape(text.slice(0, 1))}</t></r><r><t xml:space="preserve">${escape(text.slice(1))}</t></r><rPh sb="0" eb="1"><t>读音</t></rPh></si>`).join('')}</sst>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="176"/></cellXfs></styleSheet>`,
  };
  return Buffer.from(
    zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)]))),
  );
}

function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${columnName(Math.floor(index / 26) - 1)}${letter}`;
}
