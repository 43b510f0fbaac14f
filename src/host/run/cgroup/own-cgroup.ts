import { join, relative } from 'node:path'

/**
 * The directory of the cgroup v2 that a process is in, from its /proc/PID/cgroup and /proc/PID/mountinfo (cgroups(7),
 * proc(5)); undefined where there is no cgroup v2, or where what is mounted of it does not hold that group.
 */
export function ownCgroup(cgroupText: string, mountInfoText: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(cgroupText)?.[1]
  if (path === undefined) return undefined
  for (const line of mountInfoText.split('\n')) {
    const [, , , root = '', mountPoint = ''] = line.split(' ')
    if (!/ - cgroup2 /.test(line)) continue
    const below = relative(unescaped(root), path)
    if (below === '..' || below.startsWith('../')) continue
    return join(unescaped(mountPoint), below)
  }
  return undefined
}

/** The kernel writes blanks and backslashes in paths as octal numbers. */
function unescaped(path: string): string {
  return path.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
