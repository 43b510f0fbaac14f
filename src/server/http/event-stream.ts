import type { ServerResponse } from 'node:http'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import type { TypedMonitor } from '../../kernel/monitor/typed-conversation.ts'
import { eventStream } from '../../wire/api/event-stream.ts'
import { resetEvent } from '../../wire/api/resources.ts'
import type { ToldEvent } from './event-history.ts'

/** Bytes that may wait for one client beyond what its socket took; a client that falls further behind is dropped. */
export const maxWaitingBytes = 256 * 1024
export const heartbeatMs = 15_000

const plan = planConversation(eventStream, 'host')

export const eventStreamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // Nginx would hold the events back otherwise.
  'X-Accel-Buffering': 'no',
} as const

/**
 * One client's server-sent events (HTML Standard, section 9.2), written straight to its response, so that what waits
 * can be counted. `lastId` tells where a client stands that was told everything. `onEnd` is called once, however it ends.
 */
export class EventStream {
  readonly #response: ServerResponse
  readonly #heartbeat: Timer
  readonly #lastId: () => string
  readonly #watch: TypedMonitor<typeof eventStream, 'host'> = new ConversationMonitor(plan)
  #open = true

  constructor(options: {
    response: ServerResponse
    headers: Readonly<Record<string, string>>
    clock: Clock
    lastId: () => string
    onEnd: () => void
  }) {
    const { response } = options
    this.#response = response
    this.#lastId = options.lastId
    response.writeHead(200, { ...options.headers, ...eventStreamHeaders })
    // A first word lets the head through whatever stands in between.
    response.write(': welcome\n\n')
    // The id goes along: a client who may see little would fall behind the history otherwise.
    this.#heartbeat = options.clock.every(heartbeatMs, () => this.#write(`: still here\n${this.#idField}\n`))
    response.once('close', () => {
      this.#open = false
      this.#heartbeat.cancel()
      options.onEnd()
    })
    // A reset connection is the client's way to leave.
    response.on('error', () => response.destroy())
  }

  /** The client is up to date, and is told where it stands. */
  stand(): void {
    this.#write(`${this.#idField}\n`)
  }

  send({ id, event }: ToldEvent): void {
    this.#watch.sent(event.type)
    this.#write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`)
  }

  /** What the client missed cannot be told: it has to ask for everything. */
  reset(): void {
    this.#watch.sent(resetEvent)
    this.#write(`event: ${resetEvent}\n${this.#idField}data: {}\n\n`)
  }

  /** Ends the stream; what waits is still delivered if the client takes it. */
  close(): void {
    if (this.#open) this.#response.end()
  }

  get #idField(): string {
    return `id: ${this.#lastId()}\n`
  }

  #write(text: string): void {
    if (!this.#open || this.#response.writableEnded) return
    if (this.#response.writableLength + text.length > maxWaitingBytes) {
      this.#response.destroy()
      return
    }
    this.#response.write(text)
  }
}
