import { parseSync } from 'vite'

/** One import of a source file, however it is written. */
export interface Import {
  /** What stands between the quotes; undefined when it is computed and cannot be known. */
  readonly specifier: string | undefined
  /** 1 is the first. */
  readonly line: number
}

/**
 * All imports of a TypeScript source: static, for types only, re-exports, dynamic, `import('x').T`, `import x = require('x')` and `require('x')`.
 * Throws when the source does not parse.
 */
export function importsOf(file: string, source: string): readonly Import[] {
  const { program, errors } = parseSync(file, source)
  const [error] = errors
  if (error !== undefined) throw new SyntaxError(`Cannot read the imports of ${file}: ${error.message}`)
  const imports: Import[] = []
  for (const node of nodesBelow(program)) {
    const specifier = specifierOf(node)
    if (specifier !== none) imports.push({ specifier, line: lineAt(source, node['start']) })
  }
  return imports
}

type SyntaxNode = Readonly<Record<string, unknown>>

const none = Symbol('no import')

function specifierOf(node: SyntaxNode): string | undefined | typeof none {
  switch (node['type']) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node['source'])
    case 'ExportNamedDeclaration':
      return isNode(node['source']) ? literal(node['source']) : none
    case 'TSExternalModuleReference':
      return literal(node['expression'])
    case 'CallExpression': {
      const { callee, arguments: args } = node
      const isRequire = isNode(callee) && callee['type'] === 'Identifier' && callee['name'] === 'require'
      // With anything but a text it is a function that happens to have this name.
      return isRequire && Array.isArray(args) ? (literal(args[0]) ?? none) : none
    }
    default:
      return none
  }
}

function literal(value: unknown): string | undefined {
  return isNode(value) && typeof value['value'] === 'string' ? value['value'] : undefined
}

function* nodesBelow(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) {
    for (const element of value) yield* nodesBelow(element)
  } else if (isNode(value)) {
    if (typeof value['type'] === 'string') yield value
    for (const child of Object.values(value)) yield* nodesBelow(child)
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !(value instanceof RegExp)
}

function lineAt(source: string, offset: unknown): number {
  return typeof offset === 'number' ? source.slice(0, offset).split('\n').length : 1
}
