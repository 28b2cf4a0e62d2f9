/** ListUnsubscribe/post, ours: leaves a list by one click (RFC 8058). */
import { readResults } from '#contract/authentication-results.ts';
import { oneClickUrl } from '#contract/one-click.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { ListUnsubscribePost, type ListUnsubscribePostResponse } from '#contract/jmap/list-unsubscribe.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { parseEmailId } from '#jmap/core/ids.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readHeaderProperty } from '#jmap/methods/email/header-forms.ts';
import { parseHeader } from '#mime/header.ts';
import { parseTagList, splitList, withoutBlanks } from '#mime/tag-list.ts';

export const listUnsubscribePost = defineMethod({
  name: 'ListUnsubscribe/post',
  access: 'own',
  capability: CAPABILITIES.listUnsubscribe,
  arguments: ListUnsubscribePost,
  async run({ account, accountId: id, services }, { accountId, emailId }): Promise<ListUnsubscribePostResponse> {
    const known = parseEmailId(id, emailId);
    const [email] = known === undefined ? [] : await account.emails([known]);
    if (email === undefined) throw new MethodError('invalidArguments', '/emailId: no message of yours');
    const url = findOneClick(await account.readMessage(email.emailId), services.hostname);
    return { accountId, result: url === undefined ? 'notOffered' : await services.oneClick.post(id, url) };
  },
});

/** Where to post: what the last fields of their names say, which is what signatures are about first (RFC 6376 §5.4.2). */
function findOneClick(octets: Buffer, authservId: string): URL | undefined {
  const fields = parseHeader(octets);
  const all = (lowerName: string) =>
    fields.fields.filter((field) => field.lowerName === lowerName).map((field) => fields.value(field));
  const property = { property: '', name: '', lowerName: 'list-unsubscribe', form: 'URLs', isAll: false } as const;
  const urls = readHeaderProperty(property, { octets, fields }) as readonly string[] | null;
  const url = oneClickUrl(urls ?? [], all('list-unsubscribe-post').at(-1));
  if (url === undefined || !isSigned(all('dkim-signature'), all('authentication-results'), authservId))
    return undefined;
  return url;
}

const COVERED = ['list-unsubscribe', 'list-unsubscribe-post'];

/** RFC 8058 §4: one DKIM signature that we found valid is about both fields, or anybody could have us post anywhere. */
function isSigned(signatures: readonly string[], results: readonly string[], authservId: string): boolean {
  const valid =
    readResults(results, authservId)?.filter(({ name, result }) => name === 'dkim' && result === 'pass') ?? [];
  return signatures.slice(0, SIGNATURES).some((signature) => {
    const tags = parseTagList(signature);
    if (tags === undefined) return false;
    const plain = (name: string): string => withoutBlanks(tags.get(name) ?? '').toLowerCase();
    const covered = new Set(splitList(plain('h')));
    return (
      COVERED.every((name) => covered.has(name)) &&
      valid.some(
        ({ properties }) =>
          properties.get('header.d') === plain('d') &&
          properties.get('header.s') === plain('s') &&
          // RFC 6008 §4: as much of it as tells it from others.
          plain('b').startsWith(properties.get('header.b') ?? '?'),
      )
    );
  });
}

/** As many as are checked when mail comes in. */
const SIGNATURES = 10;
