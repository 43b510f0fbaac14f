import type { ServerView } from '../../child/shelter.ts'
import { privilegeWords, type Identity } from './identity.ts'
import { mountWords, type Mount } from './mount-words.ts'
import { systemOfServers, type Exists } from './system-view.ts'

export interface ServerWordsOptions {
  readonly view: ServerView
  readonly bwrap: string
  readonly identity: Identity
  readonly files: ReadonlyMap<string, string>
  readonly exists: Exists
}

/**
 * The words to put before the command of a server that an app speaks to, so that bubblewrap shuts it in (bwrap(1)): it reads
 * the system, writes its own directories, and reaches no network, no other process and nothing else of this machine. An app
 * that takes it over has gained nothing.
 */
export function serverWords({ view, bwrap, identity, files, exists }: ServerWordsOptions): readonly string[] {
  const { writable, placed = [], sharesMemory = false } = view
  const { outside, inside } = privilegeWords(identity, writable[0])
  const mounts: readonly Mount[] = [
    ...systemOfServers(exists),
    ...[...files].map(([at, from]) => ({ how: 'read', at, from }) as const),
    { how: 'processes', at: '/proc' },
    { how: 'devices', at: '/dev' },
    { how: 'own-directory', at: '/dev/shm' },
    { how: 'own-directory', at: '/tmp' },
    ...placed.map(([from, at]) => ({ how: 'write', at, from }) as const),
    ...writable.map((at) => ({ how: 'write', at }) as const),
  ]
  return [
    bwrap,
    ...outside,
    '--unshare-pid',
    ...(sharesMemory ? [] : ['--unshare-ipc']),
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--unshare-net',
    '--die-with-parent',
    ...mountWords(mounts),
    '--remount-ro',
    '/',
    '--',
    ...inside,
  ]
}
