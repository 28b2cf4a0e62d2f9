/** A message's texts for searching: decoded as people see them, folded, each once and only when asked for. */
import { extractText } from '#mime/body-text.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import type { MimePart } from '#mime/structure.ts';
import { foldText } from './fold.ts';
import type { MessageTexts } from './judge.ts';

/** `octets` is the whole message. */
export function readMessageTexts(octets: Buffer, structure: MimePart): MessageTexts {
  let fields: { readonly name: string; readonly text: string }[] | undefined;
  let body: string[] | undefined;

  const headerFields = (): { readonly name: string; readonly text: string }[] => {
    if (fields === undefined) {
      const headers = parseHeader(octets.subarray(0, structure.bodyStart));
      fields = headers.fields.map((field) => ({
        name: field.lowerName,
        text: foldText(decodeHeaderText(headers.value(field))),
      }));
    }
    return fields;
  };
  const bodyTexts = (): string[] => {
    if (body === undefined) {
      body = [];
      for (const { text } of extractText(octets, structure)) body.push(foldText(text));
    }
    return body;
  };

  const hasInBody = (text: string): boolean => text === '' || bodyTexts().some((each) => each.includes(text));
  return {
    // RFC 9051 §6.4.4: with an empty text, the field only has to be there.
    hasInHeader: (name, text) => headerFields().some((field) => field.name === name && field.text.includes(text)),
    hasInBody,
    hasAnywhere: (text) =>
      headerFields().some((field) => field.text.includes(text) || `${field.name}: ${field.text}`.includes(text)) ||
      hasInBody(text),
  };
}
