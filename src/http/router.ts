/** Which route a path leads to: literal names before `:name`, that before a trailing `*name`. Knows no methods. */
import { HTTP_LIMITS } from './limits.ts';

interface Place<Target> {
  readonly literals: Map<string, Place<Target>>;
  named: Place<Target> | undefined;
  here: Leaf<Target> | undefined;
  /** What a trailing `*name` here leads to. */
  rest: Leaf<Target> | undefined;
}

interface Leaf<Target> {
  readonly names: readonly string[];
  readonly target: Target;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  readonly params: Readonly<Record<string, string>>;
}

const NO_PARAMS = {};

export class Router<Target> {
  readonly #root = newPlace<Target>();
  /** Paths without names are most of them, and need no walk. */
  readonly #literal = new Map<string, RouteMatch<Target>>();

  /** The target of `path`, made by `create` when it has none yet. Throws for the same path with other names. */
  add(path: string, create: () => Target): Target {
    const segments = path.slice(1).split('/');
    const names: string[] = [];
    let place = this.#root;
    for (const segment of segments) {
      if (segment.startsWith('*')) {
        place.rest ??= { names: [...names, segment.slice(1)], target: create() };
        return place.rest.target;
      }
      if (segment.startsWith(':')) {
        names.push(segment.slice(1));
        place = place.named ??= newPlace();
      } else {
        let next = place.literals.get(segment);
        if (next === undefined) place.literals.set(segment, (next = newPlace()));
        place = next;
      }
    }
    place.here ??= { names, target: create() };
    if (place.here.names.join('/') !== names.join('/')) throw new Error(`${path} is there under other names`);
    if (names.length === 0) this.#literal.set(path, { target: place.here.target, params: NO_PARAMS });
    return place.here.target;
  }

  /** `path` as it was sent. A name never stands for nothing; a rest may, and never climbs (`..`) nor hides a slash (`%2F`). */
  find(path: string): RouteMatch<Target> | undefined {
    const known = this.#literal.get(path);
    if (known !== undefined) return known;
    if (!path.startsWith('/')) return undefined;
    const segments = path.slice(1).split('/', HTTP_LIMITS.pathSegments + 1);
    if (segments.length > HTTP_LIMITS.pathSegments) return undefined;
    const decoded = segments.map(decodeSegment);
    const walk = (place: Place<Target>, at: number, values: readonly string[]): RouteMatch<Target> | undefined => {
      const segment = segments[at];
      if (segment === undefined) return place.here && toMatch(place.here, values);
      const literal = place.literals.get(segment);
      const value = decoded[at];
      return (
        (literal && walk(literal, at + 1, values)) ??
        (place.named && value !== undefined && value !== ''
          ? walk(place.named, at + 1, [...values, value])
          : undefined) ??
        (place.rest && decoded.slice(at).every(isFileName)
          ? toMatch(place.rest, [...values, decoded.slice(at).join('/')])
          : undefined)
      );
    };
    return walk(this.#root, 0, []);
  }
}

function newPlace<Target>(): Place<Target> {
  return { literals: new Map(), named: undefined, here: undefined, rest: undefined };
}

function toMatch<Target>({ target, names }: Leaf<Target>, values: readonly string[]): RouteMatch<Target> {
  return { target, params: Object.fromEntries(names.map((name, index) => [name, values[index] as string])) };
}

function decodeSegment(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function isFileName(segment: string | undefined): boolean {
  return segment !== undefined && segment !== '.' && segment !== '..' && !/[/\\\0]/.test(segment);
}
