import { encodeQr } from './qr-code.ts';
import './qr-code.css';

/** Modules of white around it that readers need (ISO/IEC 18004 §9.1). */
const MARGIN = 4;

export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const modules = encodeQr(text);
  if (modules === undefined) return null;
  const path = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : []))).join('');
  const size = modules.length + 2 * MARGIN;
  return (
    <svg
      className="qr-code"
      viewBox={`${-MARGIN} ${-MARGIN} ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
