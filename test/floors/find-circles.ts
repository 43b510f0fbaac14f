import { resolveImport, type SourceFile } from './check-imports.ts'
import { circlesIn } from './circles-in.ts'
import { importsOf } from './imports-of.ts'

/** Circles of files that import each other, as `a -> b -> a`: at least one when there is any. */
export function findCircles(files: readonly SourceFile[]): readonly string[] {
  return circlesIn(new Map(files.map((file) => [file.path, relativeImports(file)]))).map((way) => way.join(' -> '))
}

/** The files that a file imports, from the root of the repository. */
export function relativeImports({ path, source }: SourceFile): readonly string[] {
  const targets = importsOf(path, source).flatMap(({ specifier }) =>
    specifier?.startsWith('.') ? [resolveImport(path, specifier)] : [],
  )
  return [...new Set(targets)]
}
