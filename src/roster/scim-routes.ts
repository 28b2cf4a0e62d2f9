/**
 * SCIM 2.0 (RFC 7643, RFC 7644): programs of the university bring people in one by one, under the same checks and the same guard
 * as any list. Whoever has a token may do all of this and nothing else.
 */
import { createHash } from 'node:crypto';
import { MailError } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { equalSecrets } from '#base/random.ts';
import type { DirectoryReader } from '#directory/ports/directory-store.ts';
import { canonicalizeNumber } from '#directory/roster-number.ts';
import type { PersonId, PersonRow } from '#directory/types.ts';
import { jsonAnswer } from '#http/answers.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import { MAX_SCIM_OCTETS, MAX_SCIM_RESULTS, PERSONS_AT_ONCE } from './limits.ts';
import { SCIM_BASE as BASE } from './scim-paths.ts';
import type { Roster } from './roster.ts';
import { patchUser } from './scim/patch.ts';
import { ERROR, LIST, RESOURCE_TYPE, SCHEMAS, SERVICE_PROVIDER } from './scim/schemas.ts';
import { isObject, toTable, toUser } from './scim/user.ts';
import type { JsonObject } from './scim/user.ts';
import { formatTrouble } from './troubles.ts';

export interface ScimParts {
  readonly roster: Pick<Roster, 'readRows' | 'plan' | 'applyOngoing'>;
  readonly reader: DirectoryReader;
  readonly log: Logger;
}

const SOURCE = 'scim';

export function hashScimToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

export function createScimRoutes(parts: ScimParts): readonly HttpRoute[] {
  const route = (
    method: HttpRoute['method'],
    path: string,
    respond: (request: HttpRequest, actor: string) => Promise<HttpAnswer> | HttpAnswer,
  ): HttpRoute => ({
    method,
    path: `${BASE}${path}`,
    async respond(request) {
      const actor = await findActor(parts.reader, request);
      if (actor === undefined) return refuse(401, 'a token is needed', undefined, { 'www-authenticate': 'Bearer' });
      try {
        return await respond(request, actor);
      } catch (error) {
        if (!(error instanceof MailError)) throw error;
        return refuseError(error, parts.log, actor);
      }
    },
  });
  return [
    route('GET', '/ServiceProviderConfig', () => scimAnswer(200, SERVICE_PROVIDER)),
    route('GET', '/ResourceTypes', () => scimAnswer(200, listOf([RESOURCE_TYPE]))),
    route('GET', '/Schemas', () => scimAnswer(200, listOf(SCHEMAS))),
    route('GET', '/Users', (request) => list(parts, request)),
    route('POST', '/Users', async (request, actor) => {
      const user = await readJson(request);
      const number = canonicalizeNumber(typeof user['userName'] === 'string' ? user['userName'] : '');
      if (number !== undefined && (await parts.reader.personByNumber(number)) !== undefined)
        return refuse(409, 'there is somebody with this userName', 'uniqueness');
      const changed = await bring(parts, user, actor);
      return changed ?? show(parts, await parts.reader.personByNumber(number ?? ''), request, 201);
    }),
    route('GET', '/Users/:id', async (request) => show(parts, await find(parts, request.params['id']), request)),
    route('PUT', '/Users/:id', (request, actor) => update(parts, request, actor, (_person, body) => body)),
    route('PATCH', '/Users/:id', (request, actor) =>
      update(parts, request, actor, (person, body) => patchUser(toUser(person, [], ''), body)),
    ),
    route('DELETE', '/Users/:id', async (request, actor) => {
      const person = await find(parts, request.params['id']);
      if (person === undefined) return refuse(404, 'there is no such user');
      const { userName, displayName, userType } = toUser(person, [], '');
      return (await bring(parts, { userName, displayName, userType, active: false }, actor)) ?? { status: 204 };
    }),
  ];
}

async function findActor(reader: DirectoryReader, request: HttpRequest): Promise<string | undefined> {
  const [, token] = /^Bearer ([\w.~+/-]{20,200}=*)$/i.exec(request.header('authorization') ?? '') ?? [];
  if (token === undefined) return undefined;
  const hash = Buffer.from(hashScimToken(token));
  return (await reader.scimTokens()).find((row) => equalSecrets(Buffer.from(row.hash), hash))?.name;
}

function find({ reader }: ScimParts, id: string | undefined): Promise<PersonRow | undefined> {
  const isId = id !== undefined && /^\d{1,15}$/.test(id);
  return isId ? reader.person(Number(id) as PersonId) : Promise.resolve(undefined);
}

/** Undefined: it is done. */
async function bring({ roster }: ScimParts, user: JsonObject, actor: string): Promise<HttpAnswer | undefined> {
  const people = await roster.readRows(toTable(user));
  const plan = await roster.plan(people, true);
  const [trouble] = plan.troubles;
  if (trouble !== undefined) return refuse(400, formatTrouble(trouble), 'invalidValue');
  if (plan.changes.length === 0) return undefined;
  const passedOver = await roster.applyOngoing(plan, { source: SOURCE, actor });
  return passedOver.length === 0 ? undefined : refuse(409, 'somebody else has changed this user meanwhile');
}

/** `change`: what the user is to be, or why that cannot be. */
async function update(
  parts: ScimParts,
  request: HttpRequest,
  actor: string,
  change: (person: PersonRow, body: JsonObject) => JsonObject | string,
): Promise<HttpAnswer> {
  const person = await find(parts, request.params['id']);
  if (person === undefined) return refuse(404, 'there is no such user');
  const user = change(person, await readJson(request));
  if (typeof user === 'string') return refuse(400, user, 'invalidPath');
  const { userName = person.number } = user;
  if (typeof userName !== 'string' || canonicalizeNumber(userName) !== person.number)
    return refuse(400, 'userName is the number in the roster, which stays', 'mutability');
  // What is left out stays, save who they are.
  const known = toUser(person, [], '');
  const whole = { displayName: known['displayName'], userType: known['userType'], ...user, userName };
  return (await bring(parts, whole, actor)) ?? show(parts, await parts.reader.person(person.personId), request);
}

async function show(
  { reader }: ScimParts,
  person: PersonRow | undefined,
  { origin }: HttpRequest,
  status = 200,
): Promise<HttpAnswer> {
  if (person === undefined) return refuse(404, 'there is no such user');
  const base = `${origin}${BASE}`;
  const addresses = person.accountId === null ? [] : await reader.addressesOf(person.accountId);
  const headers = status === 201 ? { location: `${base}/Users/${person.personId}` } : {};
  return scimAnswer(status, toUser(person, addresses, base), headers);
}

/** RFC 7644 §3.4.2: of filters those that name one user, which is what programs ask before they make one. */
async function list(parts: ScimParts, request: HttpRequest): Promise<HttpAnswer> {
  const { reader } = parts;
  const base = `${request.origin}${BASE}`;
  const filter = request.query.get('filter');
  if (filter !== null) {
    const [, name, text = ''] = /^\s*(userName|externalId|id)\s+eq\s+"([^"\\]{0,100})"\s*$/i.exec(filter) ?? [];
    if (name === undefined) return refuse(400, 'a filter is userName, externalId or id eq "…"', 'invalidFilter');
    const number = canonicalizeNumber(text);
    const found =
      name.toLowerCase() === 'id'
        ? await find(parts, text)
        : number === undefined
          ? undefined
          : await reader.personByNumber(number);
    const addresses = found === undefined || found.accountId === null ? [] : await reader.addressesOf(found.accountId);
    return scimAnswer(200, listOf(found === undefined ? [] : [toUser(found, addresses, base)]));
  }
  const start = readCount(request.query.get('startIndex'), 1, Number.MAX_SAFE_INTEGER);
  const count = readCount(request.query.get('count'), 100, MAX_SCIM_RESULTS);
  const wanted: PersonRow[] = [];
  let total = 0;
  for (let after = 0; ;) {
    const page = await reader.persons(after, PERSONS_AT_ONCE);
    wanted.push(...page.slice(Math.max(0, start - 1 - total), Math.max(0, start - 1 + count - total)));
    total += page.length;
    after = page.at(-1)?.personId ?? after;
    if (page.length < PERSONS_AT_ONCE) break;
  }
  const users = wanted.map((person) => toUser(person, [], base));
  return scimAnswer(200, { ...listOf(users), totalResults: total, startIndex: start });
}

/** RFC 7644 §3.4.2.4: what is less than it may be counts as the least. */
function readCount(text: string | null, byDefault: number, most: number): number {
  if (text === null || !/^-?\d{1,15}$/.test(text)) return byDefault;
  return Math.min(most, Math.max(byDefault === 1 ? 1 : 0, Number(text)));
}

async function readJson(request: HttpRequest): Promise<JsonObject> {
  const octets = await request.readBody(MAX_SCIM_OCTETS);
  try {
    const value: unknown = JSON.parse(octets.toString());
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new MailError('invalid', 'the body is no JSON object');
}

function listOf(resources: readonly unknown[]): JsonObject {
  const { length } = resources;
  return { schemas: [LIST], totalResults: length, itemsPerPage: length, startIndex: 1, Resources: resources };
}

function scimAnswer(status: number, body: JsonObject, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { ...jsonAnswer(status, body, headers), contentType: 'application/scim+json' };
}

/** RFC 7644 §3.12. */
function refuse(status: number, detail: string, scimType?: string, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  const type = scimType === undefined ? {} : { scimType };
  return scimAnswer(status, { schemas: [ERROR], status: String(status), ...type, detail }, headers);
}

function refuseError(error: MailError, log: Logger, actor: string): HttpAnswer {
  switch (error.code) {
    case 'invalid':
    case 'limit':
    case 'tooLarge':
      return refuse(400, error.message, 'invalidSyntax');
    case 'alreadyExists':
      return refuse(409, error.message, 'uniqueness');
    case 'notFound':
      return refuse(404, error.message);
    case 'forbidden':
      log.warn({ actor, reason: error.message }, 'SCIM would close too many accounts');
      return refuse(403, error.message);
    case 'unavailable':
    case 'overQuota':
    case 'inUse':
    case 'stateMismatch':
    case 'expunged':
      return refuse(503, error.message);
  }
}
