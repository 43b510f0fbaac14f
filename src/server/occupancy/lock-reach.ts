import { readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'

/** What is to be said where locks are not seen by everybody who may have the data. */
export const localLocks =
  'Locks of this file system hold on this machine only: nothing keeps a server on another machine from the same data. Mount it with locks (for NFS without nolock and local_lock)'

/**
 * How far the locks of the file system reach that a directory is on: everybody who has it, or, where an NFS or CIFS mount
 * was told so, this machine alone.
 */
export function reachOfLocks(directory: string): 'everybody' | 'machine' {
  try {
    return reachIn(readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(existing(directory)))
  } catch {
    return 'everybody'
  }
}

/** The same, from the text of /proc/PID/mountinfo (proc(5)) and a path without links. */
export function reachIn(mountInfo: string, path: string): 'everybody' | 'machine' {
  let longest = ''
  let reach: 'everybody' | 'machine' = 'everybody'
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , , mountPoint = '', mountOptions = ''] = before.split(' ')
    const [type = '', , superOptions = ''] = after.split(' ')
    const at = mountPoint.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    const isAround = path === at || path.startsWith(at === '/' ? '/' : `${at}/`)
    // Of two mounts at one place the later one is seen.
    if (mountPoint === '' || !isAround || at.length < longest.length) continue
    longest = at
    const options = new Set(`${mountOptions},${superOptions}`.split(','))
    const isLocal = ['nolock', 'local_lock=all', 'local_lock=posix', 'nobrl'].some((option) => options.has(option))
    reach = /^(nfs|nfs4|cifs|smb3)$/.test(type) && isLocal ? 'machine' : 'everybody'
  }
  return reach
}

/** The path, or the nearest directory above it that exists. */
function existing(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : existing(dirname(path))
  }
}
