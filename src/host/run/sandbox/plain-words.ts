import { lstat, realpath } from 'node:fs/promises'
import { privilegeWords, type Identity, type UserIds } from './identity.ts'
import { ancestorsOf, mountWords, type Mount } from './mount-words.ts'

export interface PlainWordsOptions {
  readonly bwrap: string
  readonly identity: Extract<Identity, { kind: 'own' }>
  readonly files: ReadonlyMap<string, string>
  /** What the app is to reach, although it is in directories that nobody else may enter. */
  readonly reach: readonly string[]
  readonly directory: string
}

/**
 * The words to put before a command that runs as a user of its own and sees the machine as any user does. Where that user could
 * not even enter a directory on the way to what is theirs, there is an empty one in its place with nothing but that in it. Its
 * processes have a namespace of their own, which none of them can leave or outlive.
 */
export async function plainWords(options: PlainWordsOptions): Promise<readonly string[]> {
  const { bwrap, identity, files, directory } = options
  const { outside, inside } = privilegeWords(identity, directory)
  const reach = await Promise.all(options.reach.map((path) => realpath(path)))
  const closed = await closedAbove(reach, identity.ids)
  const mounts: readonly Mount[] = [
    ...[...files].map(([at, from]) => ({ how: 'read', at, from }) as const),
    ...closed.map((at) => ({ how: 'empty-directory', at }) as const),
    ...reach
      .filter((path) => closed.some((above) => isBelow(path, above)))
      .map((at) => ({ how: 'write', at }) as const),
  ]
  return [
    bwrap,
    ...outside,
    '--dev-bind',
    '/',
    '/',
    '--unshare-pid',
    '--proc',
    '/proc',
    '--die-with-parent',
    ...mountWords(mounts),
    '--',
    ...inside,
  ]
}

/** As root by choice: with all of its rights, but for the processes that it has started, which end with its lobby. */
export function rootWords(bwrap: string, directory: string): readonly string[] {
  const own = ['--unshare-pid', '--proc', '/proc', '--die-with-parent', '--cap-add', 'ALL']
  return [bwrap, '--dev-bind', '/', '/', ...own, '--chdir', directory, '--']
}

/** The highest directories on the way to these that a user may not go through. */
async function closedAbove(paths: readonly string[], { uid, gid }: UserIds): Promise<readonly string[]> {
  const closed = new Set<string>()
  for (const path of paths) {
    for (const above of ancestorsOf(path)) {
      const found = await lstat(above)
      const bit = found.uid === uid ? 0o100 : found.gid === gid ? 0o010 : 0o001
      if ((found.mode & bit) !== 0) continue
      closed.add(above)
      break
    }
  }
  return [...closed]
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}/`)
}
