/** HTML of our editor as plain text, by the browser's parser: nothing in it runs or is fetched. */

/** What the editor wrote, as plain text: a line for each block, `>` before what is quoted. */
export function textOfHtml(html: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const lineEnd of body.querySelectorAll('br')) lineEnd.replaceWith('\n');
  return [...body.querySelectorAll('p, h1, h2, h3, pre')]
    .map((block) => `${block.closest('blockquote') ? '> ' : block.closest('li') ? '- ' : ''}${block.textContent}`)
    .join('\n');
}
