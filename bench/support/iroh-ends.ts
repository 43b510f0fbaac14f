import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Compared } from '../iroh.ts'

/** Of `@number0/iroh` 1.1, what is used here; bytes are arrays of numbers there. */
interface Iroh {
  readonly Endpoint: { builder(): IrohBuilder }
  readonly EndpointAddr: new (id: unknown, relayUrl: null, addresses: string[]) => unknown
  readonly RelayMode: { disabled(): unknown }
}
interface IrohBuilder {
  applyMinimal(): void
  relayMode(mode: unknown): void
  bindAddr(address: string): void
  alpns(names: number[][]): void
  bind(): Promise<IrohEndpoint>
}
interface IrohEndpoint {
  id(): unknown
  boundSockets(): string[]
  connect(address: unknown, alpn: number[]): Promise<IrohConnection>
  acceptNext(): Promise<IrohIncoming | null>
  close(): Promise<void>
}
interface IrohIncoming {
  accept(): Promise<{ connect(): Promise<IrohConnection> }>
}
interface IrohConnection {
  readDatagram(): Promise<number[]>
  sendDatagram(bytes: number[]): void
  close(code: bigint, reason: number[]): void
  closed(): Promise<string>
}

/** Not of this project, which does not depend on it. */
const packageName: string = '@number0/iroh'
const alpn = [...Buffer.from('porchlight-bench')]

/** Two ends of iroh, without relays and discovery, of which one sends back what it gets. `directory` is where it was installed. */
export async function irohEnds(directory: string): Promise<Compared> {
  const require = createRequire(join(resolve(directory), 'package.json'))
  const iroh = require(packageName) as Iroh
  const open = async () => {
    const builder = iroh.Endpoint.builder()
    builder.applyMinimal()
    builder.relayMode(iroh.RelayMode.disabled())
    builder.bindAddr('127.0.0.1:0')
    builder.alpns([alpn])
    return await builder.bind()
  }
  const [host, guest] = [await open(), await open()]
  const serving = serve(host)
  const bound = host.boundSockets().find((each) => each.startsWith('127.')) ?? ''
  return {
    name: 'iroh 1.1',
    port: Number(bound.split(':').at(-1)),
    async connect(port) {
      const connection = await guest.connect(new iroh.EndpointAddr(host.id(), null, [`127.0.0.1:${port}`]), alpn)
      return {
        async trip(bytes) {
          connection.sendDatagram([...bytes])
          await connection.readDatagram()
        },
        async close() {
          connection.close(0n, [])
          await connection.closed()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await guest.close()
      await host.close()
      await serving
    },
  }
}

async function serve(host: IrohEndpoint): Promise<void> {
  for (;;) {
    const incoming = await host.acceptNext()
    if (!incoming) return
    void echo(incoming)
  }
}

async function echo(incoming: IrohIncoming): Promise<void> {
  try {
    const connection = await (await incoming.accept()).connect()
    for (;;) connection.sendDatagram(await connection.readDatagram())
  } catch {
    // It is closed, maybe before this end knew that it was open.
  }
}
