import * as v from 'valibot'
import { messageOf } from '../../../kernel/coded-error.ts'
import { MeshError } from '../contract/mesh-error.ts'
import { runProgram } from './run-program.ts'

const route = v.object({ dst: v.string(), dev: v.optional(v.string()), type: v.optional(v.string()) })
const link = v.object({ ifname: v.string(), ifalias: v.optional(v.string()) })

/** A range of addresses that this machine knows a way to. */
export interface LocalRoute {
  /** "192.168.1.0/24". */
  readonly range: string
  readonly device: string | undefined
}

/** What an interface is to have. */
export interface LinkSettings {
  readonly name: string
  /** With the length of the network's prefix, "10.66.3.7/16". */
  readonly address: string
  readonly mtuBytes: number
  /** By which it is known again. */
  readonly alias: string
}

/** This machine's interfaces and routes, by `ip` (iproute2). Every method may reject with MeshError `command-failed`. */
export class NetworkLinks {
  readonly #program: string
  readonly #inside: readonly string[]

  /** `inside`: what it is run by, where it is not about the network of this process. */
  constructor(program: string, inside: readonly string[] = []) {
    this.#program = program
    this.#inside = inside
  }

  /** Of all routing tables, but those to everywhere. */
  async routes(): Promise<readonly LocalRoute[]> {
    const found = await this.#read(route, '-4', 'route', 'show', 'table', 'all')
    return found
      .filter(({ dst }) => dst !== 'default')
      .map(({ dst, dev }) => ({ range: dst.includes('/') ? dst : `${dst}/32`, device: dev }))
  }

  /** The alias of an interface, '' for none; undefined where there is no such interface. */
  async aliasOf(name: string): Promise<string | undefined> {
    const links = await this.#read(link, 'link', 'show')
    const found = links.find(({ ifname }) => ifname === name)
    return found && (found.ifalias ?? '')
  }

  async addWireGuard(name: string): Promise<void> {
    await this.#run('link', 'add', 'dev', name, 'type', 'wireguard')
  }

  /** Its address, its size of packets, and up; the way to all of its network is part of that. */
  async bringUp({ name, address, mtuBytes, alias }: LinkSettings): Promise<void> {
    const changes = [
      `link set dev ${name} mtu ${mtuBytes} alias ${alias}`,
      `address add ${address} dev ${name}`,
      `link set dev ${name} up`,
    ]
    await this.#run('-batch', '-', changes)
  }

  async remove(name: string): Promise<void> {
    await this.#run('link', 'delete', 'dev', name)
  }

  async #read<Shape extends v.GenericSchema>(
    shape: Shape,
    ...args: readonly string[]
  ): Promise<readonly v.InferOutput<Shape>[]> {
    const output = await this.#ask(['-json', ...args])
    try {
      return v.parse(v.array(shape), JSON.parse(output === '' ? '[]' : output))
    } catch (error) {
      const what = `Cannot read what ${this.#program} ${args.join(' ')} prints: ${messageOf(error)}`
      throw new MeshError('command-failed', what, { cause: error })
    }
  }

  async #run(...args: readonly (string | readonly string[])[]): Promise<void> {
    const lines = args.flatMap((arg) => (typeof arg === 'string' ? [] : arg))
    const plain = args.filter((arg) => typeof arg === 'string')
    await this.#ask(plain, lines.map((line) => `${line}\n`).join(''))
  }

  #ask(args: readonly string[], input?: string): Promise<string> {
    const [program = this.#program, ...rest] = [...this.#inside, this.#program, ...args]
    return runProgram(program, rest, input)
  }
}
