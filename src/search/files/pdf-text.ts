/** The text of a PDF, page by page until there is enough. */
import { getDocumentProxy } from 'unpdf';
import { SEARCH_LIMITS } from '#search/limits.ts';

/** Throws on what is no PDF, and on one that wants a password. */
export async function readPdf(octets: Uint8Array): Promise<string> {
  // A copy: the library takes the octets away. Nothing is drawn, so fonts need not be.
  const pdf = await getDocumentProxy(Uint8Array.from(octets), {
    disableFontFace: true,
    useSystemFonts: false,
    verbosity: 0,
  });
  try {
    let out = '';
    for (let number = 1; number <= pdf.numPages && out.length < SEARCH_LIMITS.textChars; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      for (const item of items) if ('str' in item) out += item.hasEOL ? `${item.str}\n` : item.str;
      out += '\n';
      page.cleanup();
    }
    return out;
  } finally {
    await pdf.loadingTask.destroy();
  }
}
