/**
 * What a CAS server says of a ticket (CAS protocol 3.0.3 §2.5 and appendix A), and its logout request (§2.3.3). The octets come from
 * the server that was set, and are still read as hostile: who can put a name into that server's records must not become
 * somebody else here. Pure.
 */
import { XMLParser } from 'fast-xml-parser';
import { SSO_LIMITS } from './limits.ts';

export type CasAnswer =
  | {
      readonly kind: 'success';
      readonly user: string;
      /** In the server's order; a name may have several values. */
      readonly attributes: ReadonlyMap<string, readonly string[]>;
    }
  /** By the server's word, `INVALID_TICKET` and so on. */
  | { readonly kind: 'failure'; readonly code: string }
  /** Not an answer of CAS: nothing follows from it. */
  | { readonly kind: 'malformed'; readonly why: string };

const CAS_NAMESPACE = 'http://www.yale.edu/tp/cas';
const SAML_PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';

/** An element with its name split from its prefix, and either text or elements inside. */
interface Element {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

class Malformed extends Error {}

/** XML, or JSON where it was asked for (§2.5.1 `format`). */
export function readCasAnswer(text: string): CasAnswer {
  try {
    return /^\s*\{/.test(text) ? readJson(text) : readXml(text);
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', why: error.message };
    throw error;
  }
}

/** The ticket whose session is to end, of the value of the form's `logoutRequest`; undefined: it is no such request. */
export function readLogoutRequest(text: string): string | undefined {
  try {
    const root = parseXml(text);
    if (root.name !== 'LogoutRequest' || root.namespace !== SAML_PROTOCOL) return undefined;
    const index = onlyChild(root, 'SessionIndex', SAML_PROTOCOL)?.text.trim();
    return index !== undefined && isTicket(index) ? index : undefined;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** §3.7: the characters of a ticket. */
export function isTicket(text: string): boolean {
  return text.length <= SSO_LIMITS.ticketLength && /^ST-[A-Za-z0-9-]+$/.test(text);
}

function readXml(text: string): CasAnswer {
  const root = parseXml(text);
  if (root.name !== 'serviceResponse' || root.namespace !== CAS_NAMESPACE)
    throw new Malformed('the root is no cas:serviceResponse');
  const success = onlyChild(root, 'authenticationSuccess', CAS_NAMESPACE);
  const failure = onlyChild(root, 'authenticationFailure', CAS_NAMESPACE);
  if (failure !== undefined) {
    if (success !== undefined) throw new Malformed('success and failure at once');
    return { kind: 'failure', code: (failure.attributes['code'] ?? '').slice(0, 64) };
  }
  if (success === undefined) throw new Malformed('neither success nor failure');
  const user = onlyChild(success, 'user', CAS_NAMESPACE)?.text.trim() ?? '';
  const attributes = new Map<string, string[]>();
  const inside = onlyChild(success, 'attributes', CAS_NAMESPACE);
  for (const element of inside?.children ?? []) {
    // Some servers write every attribute as an element of one name, with the real one inside.
    const { name, value } = element.attributes;
    if (element.name === 'attribute' && name !== undefined) add(attributes, name, value ?? element.text);
    else if (element.children.length === 0) add(attributes, element.name, element.text);
  }
  // Some put them beside the user.
  for (const element of success.children)
    if (element.children.length === 0 && element.name !== 'user') add(attributes, element.name, element.text);
  return toSuccess(user, attributes);
}

function readJson(text: string): CasAnswer {
  const response = memberOf(parseJson(text), 'serviceResponse');
  const success = memberOf(response, 'authenticationSuccess');
  const failure = memberOf(response, 'authenticationFailure');
  if (failure !== undefined) {
    if (success !== undefined) throw new Malformed('success and failure at once');
    const code = memberOf(failure, 'code');
    return { kind: 'failure', code: typeof code === 'string' ? code.slice(0, 64) : '' };
  }
  const user = memberOf(success, 'user');
  if (typeof user !== 'string') throw new Malformed('no user');
  const attributes = new Map<string, string[]>();
  const given = memberOf(success, 'attributes');
  if (isRecord(given))
    for (const [name, value] of Object.entries(given))
      for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value])
        if (typeof one === 'string' || typeof one === 'number') add(attributes, name, String(one));
  return toSuccess(user.trim(), attributes);
}

function toSuccess(user: string, attributes: Map<string, string[]>): CasAnswer {
  if (user === '' || user.length > SSO_LIMITS.valueLength) throw new Malformed('no user');
  // Some servers put all of them, as JSON, into one. Beside others it is a value like any: a nickname that people
  // write themselves must not say what number they have.
  const [[packed] = []] = attributes.values();
  if (attributes.size === 1 && packed?.startsWith('{') === true)
    for (const [name, value] of Object.entries(parsePacked(packed)))
      if (typeof value === 'string' && !attributes.has(name)) add(attributes, name, value);
  return { kind: 'success', user, attributes };
}

function parsePacked(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function add(attributes: Map<string, string[]>, name: string, value: string): void {
  const trimmed = value.trim();
  if (trimmed === '' || trimmed.length > SSO_LIMITS.valueLength || attributes.size >= SSO_LIMITS.elements) return;
  attributes.set(name, [...(attributes.get(name) ?? []), trimmed]);
}

// JSON

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed('not JSON');
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

// XML

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Seen, so that they can be refused: where one stands inside a name, programs disagree about what the name is.
  commentPropName: '#comment',
  cdataPropName: '#cdata',
  processEntities: true,
  htmlEntities: false,
});

/** One node of the parser: its name holds its children; `:@` its attributes. */
type Node = Readonly<Record<string, unknown>>;

function parseXml(text: string): Element {
  if (text.length > SSO_LIMITS.answerBytes) throw new Malformed('too long');
  // No document type, so no entities of its own: nothing to expand, nothing to fetch.
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new Malformed('a document type');
  let nodes: readonly Node[];
  try {
    nodes = parser.parse(text, true) as readonly Node[];
  } catch (error) {
    throw new Malformed(`not XML: ${error instanceof Error ? error.message : ''}`);
  }
  const roots = nodes.filter((node) => !nameOf(node).startsWith('?') && !isBlank(node));
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw new Malformed('not one root');
  const budget = { elements: SSO_LIMITS.elements };
  return toElement(root, new Map(), SSO_LIMITS.depth, budget);
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function isBlank(node: Node): boolean {
  const text = node['#text'];
  return typeof text === 'string' && text.trim() === '';
}

/** `prefixes`: namespaces by prefix, '' for the default one. */
function toElement(
  node: Node,
  prefixes: ReadonlyMap<string, string>,
  depth: number,
  budget: { elements: number },
): Element {
  if (depth === 0 || --budget.elements < 0) throw new Malformed('too deep or too many elements');
  const qualified = nameOf(node);
  if (qualified.startsWith('#')) throw new Malformed('a comment or CDATA, or text where there is none');
  const attributes = (node[':@'] ?? {}) as Readonly<Record<string, string>>;
  const known = new Map(prefixes);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'xmlns') known.set('', value);
    else if (name.startsWith('xmlns:')) known.set(name.slice(6), value);
  }
  const colon = qualified.indexOf(':');
  const inside = node[qualified] as readonly Node[];
  const children: Element[] = [];
  let text = '';
  for (const child of inside) {
    if (typeof child['#text'] === 'string') text += child['#text'];
    else children.push(toElement(child, known, depth - 1, budget));
  }
  if (children.length > 0 && text.trim() !== '') throw new Malformed('text among elements');
  const namespace = known.get(colon === -1 ? '' : qualified.slice(0, colon));
  return { namespace, name: qualified.slice(colon + 1), attributes, children, text };
}

/** Undefined: there is none. Two are one too many: which is meant? */
function onlyChild({ children }: Element, name: string, namespace: string): Element | undefined {
  const found = children.filter((child) => child.name === name && child.namespace === namespace);
  if (found.length > 1) throw new Malformed(`two ${name}`);
  return found[0];
}
