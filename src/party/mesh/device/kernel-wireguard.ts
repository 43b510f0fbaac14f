import { type Closable, Ending } from '../../../kernel/ending.ts'
import { encodeEndpoint, readAllowedIp } from '../../../wire/wireguard/endpoint.ts'
import { decodeWgDump } from '../../../wire/wireguard/wg-dump.ts'
import type { WireGuardChange, WireGuardPeerChange, WireGuardStatus } from '../../../wire/wireguard/wireguard-device.ts'
import { encodeKey } from '../../../wire/wireguard/wireguard-key.ts'
import { WireError } from '../../../wire/wire-error.ts'
import { MeshError } from '../contract/mesh-error.ts'
import type { WireGuard } from '../contract/wireguard.ts'
import { runProgram } from './run-program.ts'

/** An interface that `wg` (wireguard-tools) sets up: one of the kernel's, which the kernel carries by itself. */
export class KernelWireGuard implements WireGuard {
  readonly kind = 'kernel'
  readonly name: string
  readonly closed: Closable['closed']
  readonly #program: string
  readonly #ending: Ending

  /** `release` takes the interface away. */
  constructor(program: string, name: string, release: () => Promise<void>) {
    this.name = name
    this.#program = program
    this.#ending = new Ending(release)
    this.closed = this.#ending.closed
  }

  async change(change: WireGuardChange): Promise<void> {
    const { privateKey, listenPort, replacesPeers = false, peers = [] } = change
    const going = replacesPeers
      ? (await this.status()).peers.map(({ publicKey }) => ({ publicKey, isRemoved: true }))
      : []
    const args = [
      ...(listenPort === undefined ? [] : ['listen-port', String(listenPort)]),
      // By its standard input: what is on a command line can be read by everybody.
      ...(privateKey ? ['private-key', '/dev/stdin'] : []),
      ...[...going, ...peers].flatMap(peerArguments),
    ]
    if (args.length === 0) return
    if (privateKey) await this.#run(['set', this.name, ...args], `${encodeKey(privateKey)}\n`)
    else await this.#run(['set', this.name, ...args])
  }

  async status(): Promise<WireGuardStatus> {
    const output = await this.#run(['show', this.name, 'dump'])
    try {
      return decodeWgDump(output)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      throw new MeshError('refused', error.message, { cause: error })
    }
  }

  close(reason?: string): Promise<void> {
    return this.#ending.close(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run(args: readonly string[], input?: string): Promise<string> {
    if (this.#ending.begun) throw new MeshError('closed', `The interface ${this.name} is gone`)
    if (input === undefined) return runProgram(this.#program, args)
    // Through a pipe of the shell's: the standard input that Node gives is a socket, which nobody can open by its name.
    return runProgram('/bin/sh', ['-c', 'cat | "$0" "$@"', this.#program, ...args], input)
  }
}

function peerArguments(peer: WireGuardPeerChange): string[] {
  const head = ['peer', encodeKey(peer.publicKey)]
  if (peer.isRemoved) return [...head, 'remove']
  const { endpoint, allowedIps, keepaliveS } = peer
  return [
    ...head,
    ...(endpoint ? ['endpoint', encodeEndpoint(endpoint)] : []),
    ...(keepaliveS === undefined ? [] : ['persistent-keepalive', String(keepaliveS)]),
    ...(allowedIps ? ['allowed-ips', allowedIps.map(readAllowedIp).join(',')] : []),
  ]
}
