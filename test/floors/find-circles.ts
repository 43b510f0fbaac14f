import { importsIn, resolveImport, type SourceFile } from './check-imports.ts'
import { circlesIn } from './circles-in.ts'

/** Circles of files that import each other, as `a -> b -> a`: at least one when there is any. */
export function findCircles(files: readonly SourceFile[]): readonly string[] {
  return circlesIn(new Map(files.map((file) => [file.path, relativeImports(file)]))).map((way) => way.join(' -> '))
}

/** The files that a file imports, from the root of the repository. */
export function relativeImports(file: SourceFile): readonly string[] {
  const targets = importsIn(file).flatMap(({ specifier }) =>
    specifier?.startsWith('.') ? [resolveImport(file.path, specifier)] : [],
  )
  return [...new Set(targets)]
}
