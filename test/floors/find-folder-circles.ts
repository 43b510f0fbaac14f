import { posix } from 'node:path'
import type { SourceFile } from './check-imports.ts'
import { circlesIn } from './circles-in.ts'
import { relativeImports } from './find-circles.ts'

/**
 * Circles of folders within one room, the room's own folder among them: as `a -> b -> a`, with an import for each step. Tests
 * stand beside what they test, and may look wherever they like.
 */
export function findFolderCircles(room: string, files: readonly SourceFile[]): readonly string[] {
  const inRoom = files.filter(({ path }) => path.startsWith(`${room}/`) && !/\.test\.tsx?$/.test(path))
  const graph = new Map<string, Map<string, string>>()
  for (const file of inRoom) {
    const from = posix.dirname(file.path)
    for (const target of relativeImports(file)) {
      const to = posix.dirname(target)
      if (to === from || !target.startsWith(`${room}/`)) continue
      const steps = graph.get(from) ?? new Map<string, string>()
      graph.set(from, steps)
      if (!steps.has(to)) steps.set(to, `${file.path} imports ${target}`)
    }
  }
  const folders = new Map([...graph].map(([from, steps]) => [from, steps.keys().toArray()]))
  return circlesIn(folders).map((way) => {
    const examples = way.slice(1).map((to, index) => graph.get(way[index] ?? '')?.get(to))
    return `${way.join(' -> ')} (${examples.join('; ')})`
  })
}
