/**
 * `/mail-frame`: the empty page that the webmail draws a letter's HTML in. It is the application's own origin, so that the application can
 * fill and measure it, and nothing in it can run: no script by its policy and again by the sandbox, no form, no frame, no font, no style sheet from
 * elsewhere. Pictures from elsewhere, which tell their sender that and where a letter was read, load only with `?pictures=remote`,
 * which the webmail asks for when its user did: the wall is here, not in the sanitiser.
 */
import type { HttpRoute } from '#http/types.ts';

const PAGE = '<!doctype html><html><head><meta charset="utf-8"><title></title></head><body></body></html>';

function policyOf(areRemotePicturesShown: boolean): string {
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src 'self' data: blob:${areRemotePicturesShown ? ' https: http:' : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox',
  ].join('; ');
}

export const mailFrameRoute: HttpRoute = {
  method: 'GET',
  path: '/mail-frame',
  respond: (request) => ({
    status: 200,
    contentType: 'text/html; charset=utf-8',
    headers: {
      'content-security-policy': policyOf(request.query.get('pictures') === 'remote'),
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
    },
    body: PAGE,
    cacheControl: 'private, max-age=86400',
  }),
};
