import { posix } from 'node:path'
import { importsOf, type Import } from './imports-of.ts'
import { testPackages, testSupport, type Room } from './plan.ts'

/** A file, by its path from the root of the repository. */
export interface SourceFile {
  readonly path: string
  readonly source: string
}

/** A file is asked for its imports by several checks, and reading them takes longer than all else. */
const known = new WeakMap<SourceFile, readonly Import[]>()

/** All imports of a file. Throws when it does not parse. */
export function importsIn(file: SourceFile): readonly Import[] {
  const imports = known.get(file) ?? importsOf(file.path, file.source)
  known.set(file, imports)
  return imports
}

/** Every import that the plan does not allow, as a sentence with file, line, import and rule. */
export function checkImports(plan: readonly Room[], file: SourceFile): readonly string[] {
  const room = roomOf(plan, file.path)
  if (room === undefined) return [`${file.path} stands in no room of the floor plan (test/floors/plan.ts)`]
  return importsIn(file).flatMap((one) => {
    const rule = brokenRule(plan, room, file.path, one)
    const what = one.specifier === undefined ? 'computes an import' : `imports "${one.specifier}"`
    return rule === undefined ? [] : [`${file.path}:${one.line} ${what}, but ${rule}`]
  })
}

/** The room a file stands in: the longest path of the plan that leads to it. */
export function roomOf(plan: readonly Room[], path: string): Room | undefined {
  return plan
    .filter((room) => path === room.path || path.startsWith(`${room.path}/`))
    .reduce<Room | undefined>((best, room) => (best && best.path.length > room.path.length ? best : room), undefined)
}

/** The file that a relative import means, from the root of the repository. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier.replace(/[?#].*$/, ''))
}

function brokenRule(plan: readonly Room[], room: Room, path: string, { specifier }: Import): string | undefined {
  if (specifier === undefined) return 'an import has to be readable where it stands'
  const isTest = /\.test\.tsx?$/.test(path)
  if (specifier.startsWith('node:')) {
    return room.node || isTest ? undefined : `${room.path} runs anywhere and may import nothing of Node`
  }
  if (!specifier.startsWith('.')) {
    const allowed = isTest ? [...room.packages, ...testPackages] : room.packages
    return allowed.includes(packageOf(specifier)) ? undefined : `${room.path} may import ${list(allowed, 'package')}`
  }
  const file = resolveImport(path, specifier)
  if (isTest && file.startsWith(`${testSupport}/`)) return undefined
  const target = roomOf(plan, file)
  if (target === undefined) return 'that stands in no room of the floor plan'
  if (target === room || room.rooms.includes(target.path)) return undefined
  return `${room.path} may import ${list(room.rooms, 'room')}`
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function list(allowed: readonly string[], what: string): string {
  return allowed.length === 0 ? `no other ${what}` : `only the ${what}s ${allowed.join(', ')}`
}
