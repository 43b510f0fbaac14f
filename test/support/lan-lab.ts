import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { NetNamespace } from './net-namespace.ts'

const run = promisify(execFile)
const network = '192.168.77'

/** A machine of the network. */
export interface LanHost {
  readonly address: string
  /** Put before a command line, it runs there. */
  readonly prefix: readonly string[]
}

/**
 * Machines on one switch, which this process is not on: no router, no name server, nothing but what they say to each other. To be opened in
 * a network namespace of one's own (`inPrivateNetwork`). Takes `ip` with bridges.
 */
export class LanLab implements AsyncDisposable {
  readonly hosts: readonly LanHost[]
  readonly #namespaces: readonly NetNamespace[]

  private constructor(namespaces: readonly NetNamespace[]) {
    this.#namespaces = namespaces
    this.hosts = namespaces.map(({ prefix }, at) => ({ prefix, address: `${network}.${at + 1}` }))
  }

  static async open(machines: number): Promise<LanLab> {
    const lab = new LanLab(await Promise.all(Array.from({ length: machines }, () => NetNamespace.open())))
    try {
      await lab.#build()
      return lab
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of this.#namespaces) await namespace[Symbol.asyncDispose]()
  }

  async #build(): Promise<void> {
    await run('ip', ['link', 'add', 'switch', 'type', 'bridge'])
    await run('ip', ['link', 'set', 'switch', 'up'])
    for (const [at, namespace] of this.#namespaces.entries()) {
      const port = `port${at + 1}`
      await run('ip', ['link', 'add', port, 'type', 'veth', 'peer', 'name', 'lan', 'netns', namespace.pid])
      await run('ip', ['link', 'set', port, 'master', 'switch', 'up'])
      await namespace.run('ip', 'link', 'set', 'lo', 'up')
      await namespace.run('ip', 'address', 'add', `${network}.${at + 1}/24`, 'dev', 'lan')
      await namespace.run('ip', 'link', 'set', 'lan', 'up')
    }
  }
}
