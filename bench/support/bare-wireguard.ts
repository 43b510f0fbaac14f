import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { askUapi } from '../../src/party/mesh/device/uapi-socket.ts'
import { socketOf } from '../../src/party/mesh/device/user-space-wireguard.ts'
import { keyPairFrom, nodeCrypto } from '../../src/net/native/node-crypto.ts'
import { meshMtuBytes } from '../../src/party/mesh/mesh.ts'
import { encodeUapiSet } from '../../src/wire/wireguard/uapi.ts'
import { eventually } from '../../test/support/eventually.ts'
import type { LabHost } from '../../test/support/nat-lab.ts'

const port = 51_999

/** `wireguard-go` alone between two machines of a lab that reach each other, with the packets of the mesh: what the mesh is measured against. */
export class BareWireGuard implements AsyncDisposable {
  readonly #hosts: readonly [LabHost, LabHost]
  readonly #children: ChildProcess[] = []

  private constructor(hosts: readonly [LabHost, LabHost]) {
    this.#hosts = hosts
  }

  static async open(hosts: readonly [LabHost, LabHost]): Promise<BareWireGuard> {
    const bare = new BareWireGuard(hosts)
    try {
      await bare.#begin()
      return bare
    } catch (error) {
      await bare[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Where the second machine is, as the first one sees it. */
  get address(): string {
    return addressOf(1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    for (const at of [0, 1]) rmSync(socketOf(nameOf(at)), { force: true })
  }

  async #begin(): Promise<void> {
    const secrets = [0, 1].map(() => nodeCrypto.random(32))
    for (const [at, host] of this.#hosts.entries()) {
      this.#run(host, 'wireguard-go', '-f', nameOf(at))
      await eventually(
        () => existsSync(socketOf(nameOf(at))),
        (there) => there,
        { what: 'WireGuard is there' },
      )
      const [privateKey, others] = [secrets[at], secrets[1 - at]] as [Uint8Array, Uint8Array]
      const address = this.#hosts[1 - at]?.address ?? ''
      const peer = {
        publicKey: keyPairFrom(others).publicKey,
        endpoint: { address, port },
        allowedIps: [`${addressOf(1 - at)}/32`],
      }
      await askUapi(socketOf(nameOf(at)), encodeUapiSet({ privateKey, listenPort: port, peers: [peer] }))
      await this.#end(host, 'ip', 'address', 'add', `${addressOf(at)}/24`, 'dev', nameOf(at))
      await this.#end(host, 'ip', 'link', 'set', 'dev', nameOf(at), 'mtu', String(meshMtuBytes), 'up')
    }
  }

  #run(host: LabHost, ...command: readonly string[]): ChildProcess {
    const [first, ...rest] = [...host.prefix, ...command] as [string, ...string[]]
    const child = spawn(first, rest, { stdio: 'ignore', env: { ...process.env, LOG_LEVEL: 'error' } })
    this.#children.push(child)
    return child
  }

  async #end(host: LabHost, ...command: readonly string[]): Promise<void> {
    const [code] = await once(this.#run(host, ...command), 'exit')
    if (code !== 0) throw new Error(`${command.join(' ')} failed`)
  }
}

function nameOf(at: number): string {
  return `bare${process.pid % 100_000}x${at}`
}

function addressOf(at: number): string {
  return `10.99.0.${at + 1}`
}
