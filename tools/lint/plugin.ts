/**
 * The oxlint plugin `campusmail`: finds imports, globals and barrels in the syntax tree and has them judged by
 * layers.ts. It knows syntax and no policy. One rule for each kind of violation, so that a report names its kind.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type Packages, type Rule, type Violation, judgeImport, judgeName } from '#tools/layers.ts';

/** The ESTree nodes met here, as far as they are looked at. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Fixer {
  replaceText(node: Node, text: string): unknown;
}

interface Context {
  readonly filename: string;
  report(finding: { node: Node; message: string; fix?: (fixer: Fixer) => unknown }): void;
}

type Visitor = Record<string, (node: never) => void>;

interface Root {
  readonly folder: string;
  readonly packages: Packages;
}

const rootOfFolder = new Map<string, Root | undefined>();

/** The nearest folder upwards that has a package.json. */
function findRoot(folder: string): Root | undefined {
  if (rootOfFolder.has(folder)) return rootOfFolder.get(folder);
  let root: Root | undefined;
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, object>;
    root = {
      folder,
      packages: {
        dependencies: new Set(Object.keys(manifest['dependencies'] ?? {})),
        devDependencies: new Set(Object.keys(manifest['devDependencies'] ?? {})),
      },
    };
  } catch {
    root = dirname(folder) === folder ? undefined : findRoot(dirname(folder));
  }
  rootOfFolder.set(folder, root);
  return root;
}

interface Source {
  readonly path: string;
  readonly packages: Packages;
}

/** Which file this is, from the root; `undefined` when it is none of ours. */
function locate(context: Context): Source | undefined {
  // Others' code is not ours to judge, still less to mend, however the linter came upon it.
  if (context.filename.split(sep).includes('node_modules')) return undefined;
  const root = findRoot(dirname(context.filename));
  if (root === undefined) return undefined;
  return { path: relative(root.folder, context.filename).split(sep).join('/'), packages: root.packages };
}

/** The one file of the server that imports by a computed name: tests bring operations of their own into the writer's thread. */
const COMPUTED_IMPORT = 'src/store/operations.ts';

/** The string a literal or a template without holes stands for. */
function textOf(node: Node | undefined | null): string | undefined {
  if (node?.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node?.type === 'TemplateLiteral') {
    const quasis = node['quasis'] as { value: { cooked: string } }[];
    return quasis.length === 1 ? quasis[0]?.value.cooked : undefined;
  }
  return undefined;
}

/** The dotted name of a global: `process.env`, also through globalThis and with a quoted member. */
function nameOf(node: Node | undefined | null): string | undefined {
  if (node?.type === 'ChainExpression') return nameOf(node['expression'] as Node);
  if (node?.type === 'Identifier') return node['name'] as string;
  if (node?.type !== 'MemberExpression') return undefined;
  const object = nameOf(node['object'] as Node);
  const property = node['property'] as Node;
  const member = node['computed'] === true ? textOf(property) : (property['name'] as string | undefined);
  if (object === undefined || member === undefined) return undefined;
  return object === 'globalThis' || object === 'global' ? member : `${object}.${member}`;
}

/** A rule that reports those violations of a file's imports and names that bear its own name. */
function makeRule(rule: Rule) {
  const create = (context: Context): Visitor => {
    const source = locate(context);
    if (source === undefined) return {};
    const { path, packages } = source;
    /** Local names of whole modules: `import * as c from 'node:crypto'`. */
    const modules = new Map<string, string>();

    /** As in the table: `process.env`, and `node:crypto:randomBytes` for a member of an imported module. */
    function tableName(name: string): string {
      const dot = name.indexOf('.');
      const specifier = modules.get(name.slice(0, dot));
      return specifier === undefined ? name : `${specifier}:${name.slice(dot + 1)}`;
    }
    function report(node: Node, violations: readonly Violation[]): void {
      for (const violation of violations) {
        if (violation.rule !== rule) continue;
        const { message, instead } = violation;
        if (instead === undefined) context.report({ node, message });
        else context.report({ node, message, fix: (fixer) => fixer.replaceText(node, `'${instead}'`) });
      }
    }
    function seeSpecifier(node: Node | null | undefined, names?: readonly string[]): void {
      const specifier = textOf(node);
      if (node && specifier !== undefined) report(node, judgeImport(path, specifier, packages, names));
    }
    function seeFrom(node: Node): void {
      const from = node['source'] as Node | null;
      const specifier = textOf(from);
      if (specifier === undefined) return;
      const names: string[] = [];
      let isWhole = node.type === 'ExportAllDeclaration';
      for (const part of (node['specifiers'] as Node[] | undefined) ?? []) {
        const local = part['local'] as Node | undefined;
        if (part.type === 'ImportDefaultSpecifier' || part.type === 'ImportNamespaceSpecifier') {
          isWhole = true;
          modules.set(String(local?.['name']), specifier);
          continue;
        }
        // What the other module calls it: `imported` of an import, `local` of an export-from.
        const outside = (part['imported'] ?? local) as Node | undefined;
        const name = String(outside?.['name'] ?? outside?.['value']);
        names.push(name);
        report(part, judgeName(path, `${specifier}:${name}`));
      }
      seeSpecifier(from, isWhole ? undefined : names);
    }
    return {
      ImportDeclaration: seeFrom,
      ExportNamedDeclaration: seeFrom,
      ExportAllDeclaration: seeFrom,
      TSImportType: (node: Node) => seeSpecifier((node['source'] ?? node['argument']) as Node),
      TSExternalModuleReference: (node: Node) => seeSpecifier(node['expression'] as Node),
      ImportExpression(node: Node) {
        const wanted = node['source'] as Node;
        if (textOf(wanted) !== undefined) seeSpecifier(wanted);
        else if (path.startsWith('src/') && path !== COMPUTED_IMPORT) {
          report(node, [
            { rule: 'spelling', message: 'an import by a computed name escapes the table: name the file' },
          ]);
        }
      },
      MemberExpression(node: Node) {
        const name = nameOf(node);
        if (name !== undefined) report(node, judgeName(path, tableName(name)));
      },
      VariableDeclarator(node: Node) {
        const object = nameOf(node['init'] as Node | null);
        const pattern = node['id'] as Node;
        if (object === undefined || pattern.type !== 'ObjectPattern') return;
        for (const property of pattern['properties'] as Node[]) {
          const key = property['key'] as Node | undefined;
          const member =
            property['computed'] === true ? undefined : (textOf(key) ?? (key?.['name'] as string | undefined));
          if (member !== undefined) report(property, judgeName(path, tableName(`${object}.${member}`)));
        }
      },
      CallExpression(node: Node) {
        const callee = nameOf(node['callee'] as Node);
        if (callee === 'Date') report(node, judgeName(path, 'Date()'));
        if (callee === 'require' || callee === 'process.getBuiltinModule')
          seeSpecifier((node['arguments'] as Node[])[0]);
      },
      NewExpression(node: Node) {
        const callee = nameOf(node['callee'] as Node);
        const given = node['arguments'] as Node[];
        if (callee === 'Date' && given.length === 0) report(node, judgeName(path, 'new Date()'));
        // A worker's file is imported too, by another spelling: it climbs because URLs know no `#`.
        const url = callee === 'URL' && given.length === 2 ? textOf(given[0]) : undefined;
        if (url !== undefined && /^\.{1,2}\/.*\.ts$/.test(url)) {
          report(
            node,
            judgeImport(path, url, packages).filter((violation) => violation.rule !== 'spelling'),
          );
        }
      },
    };
  };
  return { meta: { fixable: 'code' }, create };
}

/** A file that only passes on what others export hides where things are, and drags in all of them. */
const noBarrels = {
  create(context: Context): Visitor {
    if (locate(context) === undefined) return {};
    return {
      ExportAllDeclaration: (node: Node) =>
        context.report({ node, message: 'export the names one by one, from the file that defines them' }),
      Program(node: Node) {
        const statements = node['body'] as Node[];
        const passesOn = (statement: Node) =>
          statement.type === 'ExportAllDeclaration' ||
          (statement.type === 'ExportNamedDeclaration' && Boolean(statement['source']));
        const rest = statements.filter((statement) => statement.type !== 'ImportDeclaration');
        if (rest.length > 0 && rest.every(passesOn)) {
          context.report({
            node: rest[0] ?? node,
            message: 'a file of nothing but re-exports: import from the file that defines it',
          });
        }
      },
    };
  },
};

// oxlint takes a plugin by its default export.
export default {
  meta: { name: 'campusmail' },
  rules: {
    floors: makeRule('floors'),
    doors: makeRule('doors'),
    spelling: makeRule('spelling'),
    packages: makeRule('packages'),
    confined: makeRule('confined'),
    'no-barrels': noBarrels,
  },
};
