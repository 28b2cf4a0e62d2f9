/** What every answer carries for the browser's sake: nothing is framed, sniffed, or loaded from elsewhere. */

/**
 * No inline script or style, nothing of other sites. An answer that shows somebody's content has a `content-security-policy`
 * of its own: `SANDBOX_POLICY`.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // What the pages make themselves of what they have fetched, with credentials or out of a message.
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "frame-src 'self' blob:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** For what strangers have written, downloads above all: were it opened in place, it could neither run nor load anything. */
export const SANDBOX_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'";

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** RFC 6797 §6.1. Not for the subdomains: a campus has other hosts. Two years. */
export const STRICT_TRANSPORT = 'max-age=63072000';
