import type { PieceView } from '#web/webmail/model.ts';

/** A text with what was looked for marked. */
export function Pieces({ pieces }: { readonly pieces: readonly PieceView[] }) {
  return pieces.map(({ text, isFound }, at) => (isFound ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>));
}
