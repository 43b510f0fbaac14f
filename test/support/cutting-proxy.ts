import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What a cut loses besides the connection: nothing that was sent, what was on its way to the host, or to the client. */
export type Loss = 'nothing' | 'to host' | 'to client'

interface Pair {
  readonly client: Socket
  readonly host: Socket
}

/** A TCP proxy whose connections can be cut, with what they have under way. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #loss: Loss = 'nothing'

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(targetPort: number): Promise<CuttingProxy> {
    const server = createServer()
    const proxy = new CuttingProxy(server)
    server.on('connection', (client) => proxy.#join(client, connect(targetPort, '127.0.0.1')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections that stand. */
  get connections(): number {
    return this.#pairs.size
  }

  /** From now on this is lost, until the next cut. */
  lose(loss: Loss): void {
    this.#loss = loss
  }

  /** Resets every connection; new ones lose nothing. */
  cut(): void {
    this.#loss = 'nothing'
    for (const { client, host } of this.#pairs) {
      client.resetAndDestroy()
      host.resetAndDestroy()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, host: Socket): void {
    const pair = { client, host }
    this.#pairs.add(pair)
    for (const [from, to, loss] of [
      [client, host, 'to host'],
      [host, client, 'to client'],
    ] as const) {
      from.setNoDelay(true)
      from.on('error', () => {})
      from.on('data', (data) => {
        if (this.#loss !== loss) to.write(data)
      })
      from.on('close', () => {
        to.destroy()
        this.#pairs.delete(pair)
      })
    }
  }
}
