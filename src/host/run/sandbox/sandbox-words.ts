import { dirname } from 'node:path'
import type { SandboxRules } from '../run-rules.ts'
import type { RunPlace } from '../runner.ts'

/** Where programs and their data are on every system that follows the filesystem hierarchy, and on NixOS. */
const system = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/nix', '/gnu']
const caches = ['/var/cache/fontconfig', '/var/lib/dpkg/alternatives']
/** What of the system is nobody's business inside, also when Porchlight runs as root, who may read it. */
const secretFiles = ['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-', '/etc/sudoers']
const secretDirectories = ['/etc/ssh', '/etc/ssl/private', '/etc/sudoers.d']
/** Empty at the start of a run, gone with it. */
const ownDirectories = ['/dev/shm', '/tmp', '/var', '/run']
/** Where the resolver's file leads to, and the hardware that drivers look for. */
const resolver = ['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager']
const hardware = ['/sys/block', '/sys/bus', '/sys/class', '/sys/dev', '/sys/devices']

export interface SandboxOptions {
  readonly rules: SandboxRules
  readonly place: RunPlace
  readonly bwrap: string
  /** Whether Porchlight runs as root. */
  readonly asRoot: boolean
  /** Where it starts; it has to be visible inside. */
  readonly directory: string
  /** Tells what is there on this machine: what is not cannot be let in, or hidden. */
  readonly exists: (path: string) => boolean
}

/**
 * The words to put before a command so that bubblewrap shuts it in (bwrap(1)): namespaces of its own for processes, mounts,
 * IPC, host name and, unless its rules say otherwise, the network; no capabilities; the system to be read, its home and
 * its runtime directory to be written, and nothing else. Every path inside is that outside.
 */
export function sandboxWords({ rules, place, bwrap, asRoot, directory, exists }: SandboxOptions): readonly string[] {
  const present = (paths: readonly string[]) => paths.filter((path) => exists(path))
  const bind = (how: string, paths: readonly string[]) => present(paths).flatMap((path) => [how, path, path])
  const { home, runtimeDirectory, appDirectory, display, sound } = place
  return [
    bwrap,
    // Programs that think they are root try what root may, and fail at it.
    ...(asRoot ? ['--unshare-user', '--uid', '1000', '--gid', '1000'] : ['--unshare-user-try']),
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(rules.network ? [] : ['--unshare-net']),
    // It dies with bubblewrap, however that ends, and cannot type into a terminal that started Porchlight.
    '--die-with-parent',
    '--new-session',
    '--cap-drop',
    'ALL',
    '--hostname',
    'porchlight',
    ...bind('--ro-bind', system),
    ...present(secretFiles).flatMap((file) => ['--ro-bind', '/dev/null', file]),
    ...present(secretDirectories).flatMap((path) => ['--tmpfs', path]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    ...ownDirectories.flatMap((path) => ['--tmpfs', path]),
    '--dir',
    '/var/tmp',
    '--symlink',
    '../run',
    '/var/run',
    ...bind('--ro-bind', caches),
    ...(rules.network ? bind('--ro-bind', resolver) : []),
    ...(rules.devices.length > 0 ? bind('--ro-bind', hardware) : []),
    ...bind('--dev-bind', rules.devices),
    ...bind('--ro-bind', rules.readable),
    ...bind('--bind', rules.writable),
    ...bind('--bind', [home, runtimeDirectory]),
    ...bind('--ro-bind', [appDirectory, display.socket, display.authorityFile]),
    ...(sound ? bind('--ro-bind', [sound.socket, sound.cookieFile]) : []),
    // Whatever else was made on the way to a mount is not to be written.
    '--remount-ro',
    '/',
    '--chdir',
    directory,
    '--',
  ]
}

/** Whether a directory can be seen inside. */
export function isVisible(path: string, rules: SandboxRules, home: string): boolean {
  const visible = new Set([...system, '/tmp', '/var/tmp', home, ...rules.readable, ...rules.writable])
  for (let at = path; ; at = dirname(at)) {
    if (visible.has(at)) return true
    if (at === dirname(at)) return false
  }
}

/** Shared memory of the X server would be looked for among that of another namespace: toolkits are told to do without. */
export const withoutSharedMemory: Readonly<Record<string, string>> = { QT_X11_NO_MITSHM: '1', _X11_NO_MITSHM: '1' }
