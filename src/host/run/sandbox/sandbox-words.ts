import { dirname } from 'node:path'
import type { SandboxRules } from '../contract/run-rules.ts'
import type { RunPlace } from '../contract/runner.ts'
import { privilegeWords, type Identity } from './identity.ts'
import { mountWords, type Mount } from './mount-words.ts'
import { seen, systemDirectories, systemOfApps, type Exists } from './system-view.ts'

/** Empty at the start of a run, gone with it. */
const ownDirectories = ['/dev/shm', '/tmp', '/var', '/run']
/** Where the resolver's file leads to, and the hardware that drivers look for. */
const resolver = ['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager']
const hardware = ['/sys/block', '/sys/bus', '/sys/class', '/sys/dev', '/sys/devices']

export interface SandboxOptions {
  readonly rules: SandboxRules
  readonly place: RunPlace
  readonly bwrap: string
  readonly identity: Identity
  /** Files that stand in the place of those of this machine, by the path inside. */
  readonly files: ReadonlyMap<string, string>
  /** Where it starts; it has to be visible inside. */
  readonly directory: string
  readonly exists: Exists
}

/**
 * The words to put before a command so that bubblewrap shuts it in (bwrap(1)): namespaces of its own for processes, mounts,
 * IPC, host name and, unless its rules say otherwise, the network; no capabilities; the system to be read, its home and
 * its runtime directory to be written, and nothing else. Every path inside is that outside.
 */
export function sandboxWords(options: SandboxOptions): readonly string[] {
  const { rules, bwrap, identity, directory } = options
  const { outside, inside } = privilegeWords(identity, directory)
  return [
    bwrap,
    ...outside,
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(rules.network ? [] : ['--unshare-net']),
    // It dies with bubblewrap, however that ends, and cannot type into a terminal that started Porchlight.
    '--die-with-parent',
    '--new-session',
    '--hostname',
    'porchlight',
    ...mountWords(viewOf(options)),
    // Whatever else was made on the way to a mount is not to be written.
    '--remount-ro',
    '/',
    '--',
    ...inside,
  ]
}

function viewOf({ rules, place, files, exists }: SandboxOptions): readonly Mount[] {
  const { home, runtimeDirectory, appDirectory, display, sound } = place
  return [
    ...systemOfApps(exists),
    ...[...files].map(([at, from]) => ({ how: 'read', at, from }) as const),
    { how: 'processes', at: '/proc' },
    { how: 'devices', at: '/dev' },
    ...ownDirectories.map((at) => ({ how: 'own-directory', at }) as const),
    { how: 'own-directory', at: '/var/tmp' },
    { how: 'link', at: '/var/run', from: '../run' },
    ...(rules.network ? seen(resolver, exists) : []),
    ...(rules.devices.length > 0 ? seen(hardware, exists) : []),
    ...seen(rules.devices, exists, 'device'),
    ...seen(rules.readable, exists),
    ...seen(rules.writable, exists, 'write'),
    ...seen([home, runtimeDirectory], exists, 'write'),
    ...seen([appDirectory, display.authorityFile], exists),
    ...(exists(display.socket) ? [{ how: 'read', at: display.name, from: display.socket } as const] : []),
    // The directory of the socket: a server that has come back has another one.
    ...(sound ? seen([sound.directory], exists) : []),
  ]
}

/** Whether a directory can be seen inside. */
export function isVisible(path: string, rules: SandboxRules, home: string): boolean {
  const visible = new Set([...systemDirectories, '/tmp', '/var/tmp', home, ...rules.readable, ...rules.writable])
  for (let at = path; ; at = dirname(at)) {
    if (visible.has(at)) return true
    if (at === dirname(at)) return false
  }
}

/** Shared memory of the X server would be looked for among that of another namespace: toolkits are told to do without. */
export const withoutSharedMemory: Readonly<Record<string, string>> = { QT_X11_NO_MITSHM: '1', _X11_NO_MITSHM: '1' }
