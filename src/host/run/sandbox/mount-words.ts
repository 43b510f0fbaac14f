import { dirname } from 'node:path'

/** What is to be seen at a place inside. Paths are absolute; `from` is the same path outside when left out. */
export interface Mount {
  readonly how: 'read' | 'write' | 'device' | 'own-directory' | 'empty-directory' | 'link' | 'processes' | 'devices'
  readonly at: string
  readonly from?: string
}

const flags = {
  read: '--ro-bind',
  write: '--bind',
  device: '--dev-bind',
  link: '--symlink',
  'empty-directory': '--tmpfs',
  processes: '--proc',
  devices: '--dev',
} as const

/**
 * The words of bubblewrap for mounts, in this order. Directories on the way to a mount are made so that everybody inside can go
 * through them: bubblewrap itself makes them for root alone.
 */
export function mountWords(mounts: readonly Mount[]): readonly string[] {
  const made = new Set(['/'])
  return mounts.flatMap((mount) => {
    const above = ancestorsOf(mount.at).filter((path) => !made.has(path))
    for (const path of [...above, mount.at]) made.add(path)
    return [...above.flatMap((path) => ['--dir', path]), ...wordsOf(mount)]
  })
}

function wordsOf({ how, at, from = at }: Mount): readonly string[] {
  switch (how) {
    case 'own-directory':
      // Like /tmp: whoever runs inside may write there.
      return ['--perms', '1777', '--tmpfs', at]
    case 'empty-directory':
    case 'processes':
    case 'devices':
      return [flags[how], at]
    default:
      return [flags[how], from, at]
  }
}

/** The directories above a path from the top down, without the root. */
export function ancestorsOf(path: string): readonly string[] {
  const above = dirname(path)
  return above === '/' || above === path ? [] : [...ancestorsOf(above), above]
}
