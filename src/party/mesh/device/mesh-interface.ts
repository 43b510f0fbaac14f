import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { type Closable, Ending } from '../../../kernel/ending.ts'
import type { Log } from '../../../kernel/log.ts'
import type { WireGuardChange, WireGuardStatus } from '../../../wire/wireguard/wireguard-device.ts'
import { MeshError } from '../contract/mesh-error.ts'
import type { WireGuard, WireGuardKind } from '../contract/wireguard.ts'
import { findConflict } from './address-conflict.ts'
import { InterfaceRecords, type KeptText } from './interface-record.ts'
import { NetworkLinks } from './network-links.ts'
import { openWireGuard, type WireGuardPrograms } from './open-wireguard.ts'
import { findProgram } from './run-program.ts'

export interface MeshInterfaceOptions {
  /** By which this host is known on this machine: its data directory for instance. It makes the interface's name. */
  readonly home: string
  /** With the prefix of the network, "10.66.3.7/16". */
  readonly address: string
  /** The network, "10.66.0.0/16". */
  readonly range: string
  /** 32 bytes, of X25519. */
  readonly privateKey: Uint8Array
  readonly mtuBytes: number
  readonly kept: KeptText
  readonly clock: Clock
  readonly log: Log
  /** As they are found on this machine, unless given. */
  readonly programs?: WireGuardPrograms
}

/** An interface that is up, with its address and the way to its network, and has no peers yet. */
export class MeshInterface implements Closable {
  readonly closed: Closable['closed']
  readonly #wireGuard: WireGuard
  readonly #ending: Ending

  private constructor(wireGuard: WireGuard, records: InterfaceRecords) {
    this.#wireGuard = wireGuard
    this.#ending = new Ending(async () => {
      await wireGuard.close()
      records.remove()
    })
    this.closed = this.#ending.closed
    void wireGuard.closed.then((end) => (end.kind === 'error' ? this.#ending.fail(end.error) : this.close(end.reason)))
  }

  /**
   * Takes away what a former run has left, and makes one. Rejects with MeshError `not-permitted`, `no-wireguard`, `address-conflict`,
   * `command-failed` or `refused`; nothing is left then.
   */
  static async open(options: MeshInterfaceOptions): Promise<MeshInterface> {
    const { address, range, mtuBytes, privateKey, kept, clock, log, programs = installedPrograms() } = options
    const links = new NetworkLinks(ipProgram())
    const records = new InterfaceRecords(kept)
    await records.clean({ links, clock, log })
    const name = interfaceNameOf(options.home)
    await wantRoom(range, name, links, log)
    const alias = `porchlight-${randomBytes(16).toString('hex')}`
    records.write({ name, alias })
    let wireGuard: WireGuard | undefined
    try {
      const { device, why } = await openWireGuard({ name, links, programs, clock, log })
      wireGuard = device
      log.info('WireGuard carries the virtual network of the party', { by: device.kind, why })
      await wireGuard.change({ privateKey, listenPort: 0, replacesPeers: true })
      await links.bringUp({ name, address, mtuBytes, alias })
      await shutOff(name, log)
      return new MeshInterface(wireGuard, records)
    } catch (error) {
      await wireGuard?.close()
      records.remove()
      throw error
    }
  }

  get name(): string {
    return this.#wireGuard.name
  }

  get kind(): WireGuardKind {
    return this.#wireGuard.kind
  }

  change(change: WireGuardChange): Promise<void> {
    return this.#wireGuard.change(change)
  }

  status(): Promise<WireGuardStatus> {
    return this.#wireGuard.status()
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Takes away what a run that did not end in order has left. Rejects with MeshError `command-failed`. */
export async function cleanFormerInterface(options: {
  readonly kept: KeptText
  readonly clock: Clock
  readonly log: Log
}): Promise<void> {
  const records = new InterfaceRecords(options.kept)
  if (records.read()) await records.clean({ ...options, links: new NetworkLinks(ipProgram()) })
}

/** 13 characters at most, of the 15 that an interface may have; another one for each host of a machine. */
export function interfaceNameOf(home: string): string {
  return `porch${createHash('sha256').update(home).digest('hex').slice(0, 8)}`
}

/**
 * Whether an interface of that name is a party's, of whatever host of this machine: what leads to its peers by their addresses there would go
 * through itself.
 */
export function isMeshInterface(name: string): boolean {
  return /^porch[\da-f]{8}$/.test(name)
}

/** Throws MeshError `command-failed` where there is no `ip`. */
function ipProgram(): string {
  const found = findProgram('ip')
  if (found === undefined)
    throw new MeshError('command-failed', 'Cannot look at the network: there is no ip (iproute2)')
  return found
}

const inOwnNetwork = ['unshare', '--net', '--']

/**
 * Which WireGuard there is for a party here, and why that: makes an interface and takes it away, in a network of its own, since browsers
 * begin all their connections anew when one comes or goes in theirs. Rejects with MeshError as {@link MeshInterface.open} for
 * where there is none.
 */
export async function tryWireGuard(options: {
  readonly programs?: WireGuardPrograms
  readonly clock: Clock
  readonly log: Log
}): Promise<{ readonly kind: WireGuardKind; readonly why: string }> {
  const { programs = installedPrograms(), ...rest } = options
  const name = interfaceNameOf(randomBytes(16).toString('hex'))
  const links = new NetworkLinks(ipProgram(), inOwnNetwork)
  const { device, why } = await openWireGuard({ name, links, programs, inside: inOwnNetwork, ...rest })
  // The kernel's is gone with the network that it was made in.
  if (device.kind !== 'kernel') await device.close()
  return { kind: device.kind, why }
}

export function installedPrograms(): WireGuardPrograms {
  return { wg: findProgram('wg'), wireguardGo: findProgram('wireguard-go') }
}

async function wantRoom(range: string, name: string, links: NetworkLinks, log: Log): Promise<void> {
  const found = findConflict(range, await links.routes(), name)
  if (found.kind === 'none') return
  const { range: other, device = 'this machine' } = found.route
  if (found.kind === 'hides')
    return log.warn('The party takes addresses out of a network', { range, of: other, device })
  if (isMeshInterface(device)) {
    throw new MeshError(
      'address-conflict',
      `Another Porchlight of this machine is in a party's network already, by ${device}, and a machine has one way to ${range}: what this one sent would leave by that. Its programs reach the members of that party as it is; for a place of its own this one takes a container or a network namespace`,
    )
  }
  throw new MeshError(
    'address-conflict',
    `Cannot use ${range} for the party's network: ${other} is used here, by ${device}. The control plane can be given another --range`,
  )
}

/**
 * What comes in by it is for this machine and goes no further, also where the machine forwards for others (containers, for instance):
 * nobody of the party gets into the networks behind it. IPv6 has no addresses there.
 */
async function shutOff(name: string, log: Log): Promise<void> {
  for (const [setting, value] of [
    [`ipv4/conf/${name}/forwarding`, '0'],
    [`ipv6/conf/${name}/disable_ipv6`, '1'],
  ] as const) {
    const file = `/proc/sys/net/${setting}`
    try {
      // In a container it may be right already, and not be ours to write.
      if ((await readFile(file, 'utf8')).trim() !== value) await writeFile(file, value)
    } catch (error) {
      if (setting.startsWith('ipv4'))
        throw new MeshError('command-failed', `Cannot set ${setting}: ${messageOf(error)}`)
      log.debug('A machine without IPv6 has none to turn off', { setting, why: messageOf(error) })
    }
  }
}
