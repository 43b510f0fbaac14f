import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import { MeshError } from '../contract/mesh-error.ts'
import type { WireGuard } from '../contract/wireguard.ts'
import { KernelWireGuard } from './kernel-wireguard.ts'
import type { NetworkLinks } from './network-links.ts'
import { UserSpaceWireGuard } from './user-space-wireguard.ts'

/** Where the programs are that it takes; undefined for one that is not installed. */
export interface WireGuardPrograms {
  readonly wg: string | undefined
  readonly wireguardGo: string | undefined
}

export interface OpenWireGuardOptions {
  readonly name: string
  readonly links: NetworkLinks
  readonly programs: WireGuardPrograms
  readonly clock: Clock
  readonly log: Log
  /** What `wireguard-go` is run by, where the interface is not to be in the network of this process. */
  readonly inside?: readonly string[]
}

const howToInstall =
  'Install wireguard-go (Debian and Ubuntu: apt install wireguard-go), or wireguard-tools where the kernel has WireGuard'

export interface OpenedWireGuard {
  readonly device: WireGuard
  /** Why it is this one, for people. */
  readonly why: string
}

/**
 * A new interface: the kernel's where it has WireGuard and `wg` is there to set it up, else one of `wireguard-go`. Rejects with MeshError
 * `not-permitted`, `no-wireguard` or `command-failed`.
 */
export async function openWireGuard(options: OpenWireGuardOptions): Promise<OpenedWireGuard> {
  const { name, links, programs, log } = options
  const refusal = programs.wg === undefined ? undefined : await kernelRefusal(links, name)
  if (programs.wg !== undefined && refusal === undefined) {
    const device = new KernelWireGuard(programs.wg, name, () => links.remove(name))
    return { device, why: `the kernel has WireGuard, and ${programs.wg} sets it up` }
  }
  if (refusal !== undefined) log.debug('The kernel makes no interface of WireGuard', { why: refusal })
  if (programs.wireguardGo !== undefined) {
    const device = await UserSpaceWireGuard.open(programs.wireguardGo, options)
    return { device, why: refusal ?? 'wg (wireguard-tools), by which the kernel’s is set up, is not installed' }
  }
  if (refusal !== undefined && /not permitted/.test(refusal)) {
    throw new MeshError('not-permitted', `Cannot make an interface: ${refusal}`)
  }
  throw new MeshError('no-wireguard', `There is no WireGuard on this machine. ${howToInstall}`)
}

/** Undefined when the interface was made. */
async function kernelRefusal(links: NetworkLinks, name: string): Promise<string | undefined> {
  try {
    await links.addWireGuard(name)
    return undefined
  } catch (error) {
    if (error instanceof MeshError) return error.message
    throw error
  }
}
