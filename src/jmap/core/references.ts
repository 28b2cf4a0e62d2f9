/** References to the results of earlier calls in the same request (RFC 8620 §3.7). */
import { ResultReference, type Invocation } from '#contract/jmap/core.ts';
import { check } from '#contract/jmap/values.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { MethodError } from './errors.ts';

/** The arguments with each `#name` replaced by what it refers to. Throws MethodError. */
export function resolveReferences(
  args: Readonly<Record<string, unknown>>,
  responses: readonly Invocation[],
): Record<string, unknown> {
  const resolved: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(args)) {
    if (!name.startsWith('#')) {
      resolved[name] = value;
      continue;
    }
    const plain = name.slice(1);
    if (Object.hasOwn(args, plain)) throw new MethodError('invalidArguments', `both ${plain} and ${name} are given`);
    const reference = check(ResultReference, value);
    if (!reference.ok) throw new MethodError('invalidResultReference', `${name}: ${reference.why}`);
    resolved[plain] = resolveReference(reference.value, responses);
  }
  return { ...resolved };
}

function resolveReference({ resultOf, name, path }: ResultReference, responses: readonly Invocation[]): unknown {
  const response = responses.find(([, , callId]) => callId === resultOf);
  if (response === undefined) throw new MethodError('invalidResultReference', `no call ${resultOf} before`);
  if (response[0] !== name) throw new MethodError('invalidResultReference', `${resultOf} answered ${response[0]}`);
  const value = path === '' ? response[1] : evaluate(response[1], path);
  if (value === undefined) throw new MethodError('invalidResultReference', `nothing is at ${path}`);
  return value;
}

/** A JSON pointer (RFC 6901) in which `*` maps over an array; what lists answer is joined. Undefined: nothing is there. */
function evaluate(root: unknown, path: string): unknown {
  if (!path.startsWith('/')) return undefined;
  const tokens = path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  let steps = 0;
  const walk = (value: unknown, at: number): unknown => {
    if (++steps > JMAP_LIMITS.referencedValues)
      throw new MethodError('requestTooLarge', 'too many values are referred to');
    const token = tokens[at];
    if (token === undefined) return value;
    if (Array.isArray(value)) {
      if (token === '*') {
        const items: unknown[] = [];
        for (const item of value) {
          const found = walk(item, at + 1);
          if (found === undefined) return undefined;
          if (Array.isArray(found)) items.push(...(found as unknown[]));
          else items.push(found);
        }
        return items;
      }
      return /^(?:0|[1-9]\d{0,15})$/.test(token) ? walk(value[Number(token)], at + 1) : undefined;
    }
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    return walk((value as Record<string, unknown>)[token], at + 1);
  };
  return walk(root, 0);
}
