/** The text of a notice as it is drawn: paragraphs between blank lines, `## ` before a heading, `- ` before a point of a list. Pure. */

export type NoticeBlock =
  | { readonly kind: 'paragraph' | 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly points: readonly string[] };

/** Whatever is no heading or list by its first characters is a paragraph, with its line ends: nothing is lost. */
export function blocksOf(body: string): readonly NoticeBlock[] {
  const blocks: NoticeBlock[] = [];
  let lines: string[] = [];
  let points: string[] = [];
  const endParagraph = (): void => {
    if (lines.length > 0) blocks.push({ kind: 'paragraph', text: lines.join('\n') });
    lines = [];
  };
  const endList = (): void => {
    if (points.length > 0) blocks.push({ kind: 'list', points });
    points = [];
  };
  for (const line of body.split('\n')) {
    const point = readMarked(line, '- ');
    const heading = readMarked(line, '## ');
    if (point !== '') {
      endParagraph();
      points.push(point);
      continue;
    }
    endList();
    if (heading !== '') {
      endParagraph();
      blocks.push({ kind: 'heading', text: heading });
    } else if (line.trim() === '') endParagraph();
    else lines.push(line);
  }
  endParagraph();
  endList();
  return blocks;
}

/** What follows the mark; '': the line does not begin with it, or nothing follows. */
function readMarked(line: string, mark: string): string {
  return line.startsWith(mark) ? line.slice(mark.length).trim() : '';
}
