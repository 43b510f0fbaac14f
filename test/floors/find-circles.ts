import { resolveImport, type SourceFile } from './check-imports.ts'
import { importsOf } from './imports-of.ts'

/** Circles of files that import each other, as `a -> b -> a`: at least one when there is any. */
export function findCircles(files: readonly SourceFile[]): readonly string[] {
  const graph = new Map(files.map((file) => [file.path, relativeImports(file)]))
  const circles: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]) => {
    const from = trail.indexOf(path)
    if (from >= 0) {
      circles.push([...trail.slice(from), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return circles
}

function relativeImports({ path, source }: SourceFile): readonly string[] {
  const targets = importsOf(path, source).flatMap(({ specifier }) =>
    specifier?.startsWith('.') ? [resolveImport(path, specifier)] : [],
  )
  return [...new Set(targets)]
}
