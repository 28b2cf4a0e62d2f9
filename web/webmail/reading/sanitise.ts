/**
 * From a letter's HTML, which is hostile, to nodes that may stand in the mail frame. What must not happen there is prevented
 * there as well (src/app/mail-frame.ts: no script, nothing fetched from elsewhere); this decides what is worth showing, and keeps
 * pictures and links honest. The nodes are handed over as they were checked and never written out as text again: what a second
 * parser would read differently (mXSS) is not read a second time.
 */
import createPurifier, { type Config, type WindowLike } from 'dompurify';

export interface SanitiseOptions {
  /** The mail frame's: what is parsed there is under its policy, which runs nothing but lets a letter have its colours. */
  readonly window: WindowLike;
  /** Where the letter's own pictures are, by Content-ID without brackets. */
  readonly pictures: ReadonlyMap<string, string>;
  readonly areRemotePicturesShown: boolean;
}

export interface SanitisedMail {
  /** Of an inert document: to be imported into the frame's. */
  readonly body: DocumentFragment;
  /** Of `<style>` elements: rules that fetch nothing. */
  readonly styles: string;
  /** The body's own colours and font. */
  readonly bodyStyle: string;
  /** Pictures left out because they come from elsewhere. */
  readonly blockedCount: number;
}

const PURIFY: Config = {
  WHOLE_DOCUMENT: true,
  RETURN_DOM: true,
  USE_PROFILES: { html: true },
  FORBID_TAGS: [
    'form',
    'input',
    'button',
    'select',
    'option',
    'optgroup',
    'textarea',
    'datalist',
    'output',
    'fieldset',
    'legend',
    'audio',
    'video',
    'source',
    'track',
    'dialog',
    'template',
    'slot',
    'base',
    'link',
    'meta',
    'nav',
    'search',
  ],
  // `class` and `id` stay: style rules and links within the letter need them, and no script is there to be confused by them.
  FORBID_ATTR: [
    'srcset',
    'sizes',
    'autofocus',
    'contenteditable',
    'tabindex',
    'accesskey',
    'popover',
    'popovertarget',
    'action',
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** More nested rules than any letter has. */
const RULES_DEPTH = 8;

/** `alt` or a title, at most. */
const TITLE_LENGTH = 2_000;

export function sanitiseMail(html: string, options: SanitiseOptions): SanitisedMail {
  const root = createPurifier(options.window).sanitize(html, PURIFY) as unknown as HTMLElement;
  let blockedCount = 0;

  /** Where a picture may be loaded from; undefined: nowhere. */
  const pictureUrl = (address: string): string | undefined => {
    const trimmed = address.trim();
    if (/^cid:/i.test(trimmed)) return options.pictures.get(decodeLeniently(trimmed.slice(4)));
    if (/^data:image\/(?:png|gif|jpe?g|webp|avif|bmp)[;,]/i.test(trimmed)) return trimmed;
    if (!/^(?:https?:)?\/\//i.test(trimmed)) return undefined;
    if (options.areRemotePicturesShown) return trimmed.startsWith('//') ? `https:${trimmed}` : trimmed;
    blockedCount++;
    return undefined;
  };

  const styles: string[] = [];
  for (const style of root.querySelectorAll('style')) {
    styles.push(cleanSheet(style.textContent, pictureUrl));
    style.remove();
  }

  for (const element of root.querySelectorAll<HTMLElement>('*')) {
    const style = element.getAttribute('style');
    if (style !== null) element.setAttribute('style', cleanDeclarations(style, pictureUrl));
    const background = element.getAttribute('background');
    if (background !== null) setOrRemove(element, 'background', pictureUrl(background));
    if (element.localName === 'img') {
      const url = pictureUrl(element.getAttribute('src') ?? '');
      setOrRemove(element, 'src', url);
      if (url === undefined && isTracker(element)) element.remove();
    } else if (element.localName === 'a' || element.localName === 'area') judgeLink(element);
    else element.removeAttribute('href');
  }

  const body = root.ownerDocument.createDocumentFragment();
  const source = root.querySelector('body') ?? root;
  const bodyStyle = [
    source.getAttribute('style') ?? '',
    attributeStyle(source, 'bgcolor', 'background-color'),
    attributeStyle(source, 'text', 'color'),
  ].join(';');
  body.append(...source.childNodes);
  return { body, styles: styles.join('\n'), bodyStyle: cleanDeclarations(bodyStyle, pictureUrl), blockedCount };
}

function setOrRemove(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** A picture of at most 2 pixels shows nothing: not even its absence is worth a mark. */
function isTracker(picture: Element): boolean {
  return ['width', 'height'].some((name) => {
    const value = picture.getAttribute(name);
    return value !== null && Number.parseFloat(value) <= 2;
  });
}

function attributeStyle(element: Element, attribute: string, property: string): string {
  const value = element.getAttribute(attribute);
  return value !== null && /^#?\w{1,30}$/.test(value) ? `${property}: ${value}` : '';
}

function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A link opens elsewhere and learns nothing of us. It says where it leads (title), and where its text names another place than
 * that, it says so in the open.
 */
function judgeLink(link: HTMLElement): void {
  const href = link.getAttribute('href')?.trim();
  link.removeAttribute('target');
  link.removeAttribute('ping');
  if (href === undefined || href.startsWith('#')) return;
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (url === undefined || !['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol)) {
    link.removeAttribute('href');
    return;
  }
  link.setAttribute('target', '_blank');
  link.setAttribute('rel', 'noopener noreferrer nofollow');
  link.setAttribute('title', url.href.slice(0, TITLE_LENGTH));
  const claimed = hostClaimedBy(link.textContent);
  if (claimed !== undefined && url.protocol.startsWith('http') && !isSameSite(claimed, url.hostname)) {
    const warning = link.ownerDocument.createElement('span');
    warning.className = 'campusmail-real-target';
    warning.textContent = ` ⚠ ${url.host} `;
    link.after(warning);
  }
}

/** The host that a link's text looks like it leads to; undefined where it does not look like an address. */
export function hostClaimedBy(text: string): string | undefined {
  const match = /^\s*(?:https?:\/\/)?((?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24})(?::\d{1,5})?(?:[/?#]\S*)?\s*$/iu.exec(
    text.slice(0, 1_000),
  );
  const host = match?.[1];
  return host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

/** `www.example.edu.cn` may well lead to `example.edu.cn`, or the other way. */
function isSameSite(claimed: string, real: string): boolean {
  return claimed === real || claimed.endsWith(`.${real}`) || real.endsWith(`.${claimed}`);
}

type PictureUrl = (address: string) => string | undefined;

/** The browser's own parser reads the style sheet, so escapes and comments hide nothing from us that they do not hide from it. */
function cleanSheet(css: string, pictureUrl: PictureUrl): string {
  const sheet = new CSSStyleSheet();
  try {
    sheet.replaceSync(css);
  } catch {
    return '';
  }
  return cleanRules(sheet.cssRules, pictureUrl, RULES_DEPTH);
}

/** Style and media rules are kept; fonts, imports, animations and what else could fetch or move are not. */
function cleanRules(rules: CSSRuleList, pictureUrl: PictureUrl, depth: number): string {
  if (depth === 0) return '';
  return Array.from(rules, (rule) => {
    if (rule instanceof CSSStyleRule)
      return `${rule.selectorText} { ${cleanDeclarations(rule.style.cssText, pictureUrl)} }`;
    if (rule instanceof CSSMediaRule)
      return `@media ${rule.conditionText} { ${cleanRules(rule.cssRules, pictureUrl, depth - 1)} }`;
    return '';
  }).join('\n');
}

const FETCHING = /(?:url|src|image|image-set|-webkit-image-set|cross-fade|element|attr|env|var)\s*\(/i;

function cleanDeclarations(css: string, pictureUrl: PictureUrl): string {
  const { style } = document.createElement('span');
  style.cssText = css;
  const kept: string[] = [];
  for (const name of style) {
    const value = style.getPropertyValue(name);
    if (name.startsWith('--') || (name === 'position' && /fixed|sticky/.test(value))) continue;
    const important = style.getPropertyPriority(name) === 'important' ? ' !important' : '';
    if (!FETCHING.test(value)) kept.push(`${name}: ${value}${important}`);
    else {
      // Of all that fetches, one picture by its address is let through, if it may be.
      const url = /^url\("((?:[^"\\]|\\.)*)"\)$/.exec(value)?.[1];
      const allowed = url === undefined || !name.endsWith('-image') ? undefined : pictureUrl(url);
      if (allowed !== undefined && !/["\\\n]/.test(allowed)) kept.push(`${name}: url("${allowed}")${important}`);
    }
  }
  return kept.join('; ');
}
