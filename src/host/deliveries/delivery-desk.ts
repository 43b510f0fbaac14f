import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { fullDiskOf } from '../../kernel/full-disk.ts'
import type { Log } from '../../kernel/log.ts'
import type { Display } from '../display/contract/display.ts'
import { HostError, type HostErrorCode } from '../contract/host-error.ts'
import type { HostedLobby } from '../lobby/hosted-lobby.ts'
import type { Member } from '../../domain/member.ts'
import type { SeatId, SeatWish } from '../../domain/seat.ts'
import type { Delivered, Delivery, Refusal } from '../../domain/delivery.ts'
import type { Ledger, OutboxKey } from '../contract/ledger.ts'

/** The session that brings deliveries. What it cannot do it throws a HostError for. */
export interface DeliverySender {
  /** As they are now. */
  readonly member: Member
  /** The lobby that the session is in, if it is the one that is meant. */
  lobby(lobbyId: string | undefined): HostedLobby
  /** What that lobby's app has its keyboard on, once it runs and the session has the seat. */
  keyboard(lobbyId: string | undefined): Promise<Display>
  changeSeat(seat: SeatId, wish: SeatWish): void
  /** Resolves when what is kept of a lobby is written down as it is now. Rejects with HostError `not-recorded`. */
  written(lobby: HostedLobby): Promise<void>
  askToPlay(asks: boolean): void
}

/** These end the session, or the host: nothing is done, and the delivery can be brought again. */
const undecided: ReadonlySet<HostErrorCode> = new Set(['session-closed', 'host-closed'])

/**
 * Does each delivery once. It is written down before its effect can be seen, so that whoever brings it again, on whichever
 * connection, is told what became of it.
 */
export class DeliveryDesk {
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #log: Log
  /** The last that was brought of each outbox: what comes after it waits, be it on another connection. */
  readonly #queues = new Map<string, Promise<unknown>>()
  /** Outboxes whose next delivery waits for a turn; each has one message of them under way. */
  readonly #waiting: (() => void)[] = []
  #isTurnTaken = false

  constructor(options: { readonly ledger: Ledger; readonly clock: Clock; readonly log: Log }) {
    this.#ledger = options.ledger
    this.#clock = options.clock
    this.#log = options.log
  }

  /** Rejects with HostError `session-closed` when the session ends before all is done, `host-closed` likewise. */
  async deliver(sender: DeliverySender, outbox: string, deliveries: readonly Delivery[]): Promise<Delivered> {
    const key = { memberId: sender.member.id, outbox }
    const name = `${key.memberId} ${outbox}`
    const before = this.#queues.get(name)
    const work = (async () => {
      await before?.catch(() => {})
      return await this.#work(sender, key, deliveries)
    })()
    this.#queues.set(name, work)
    try {
      return await work
    } finally {
      if (this.#queues.get(name) === work) this.#queues.delete(name)
    }
  }

  async #work(sender: DeliverySender, key: OutboxKey, deliveries: readonly Delivery[]): Promise<Delivered> {
    const refused: Refusal[] = []
    let through = 0
    for (const delivery of deliveries) {
      await this.#nextTurn()
      const { sequence } = delivery
      const handled = await this.#ledger.handled(key)
      const refusal =
        sequence > handled.through
          ? await this.#handle(sender, key, delivery)
          : handled.refused.find((one) => one.sequence === sequence)
      if (refusal) refused.push(refusal)
      through = Math.max(handled.through, sequence)
    }
    return { through, refused }
  }

  /**
   * One delivery in each turn of the event loop, by turns, however many somebody brings at once: a text is written down and
   * sent to everybody.
   */
  async #nextTurn(): Promise<void> {
    if (this.#isTurnTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#takeTurn()
  }

  #takeTurn(): void {
    this.#isTurnTaken = true
    setImmediate(() => {
      this.#isTurnTaken = false
      const next = this.#waiting.shift()
      if (!next) return
      this.#takeTurn()
      next()
    })
  }

  async #handle(sender: DeliverySender, key: OutboxKey, delivery: Delivery): Promise<Refusal | undefined> {
    const { sequence } = delivery
    try {
      await this.#do(sender, key, delivery)
      return undefined
    } catch (error) {
      if (!(error instanceof HostError)) return this.#unwritten(sequence, error)
      if (undecided.has(error.code)) throw error
      const refusal = { sequence, code: error.code, message: messageOf(error) }
      try {
        await this.#ledger.done(key, sequence, refusal)
      } catch (notDone) {
        return this.#unwritten(sequence, notDone)
      }
      return refusal
    }
  }

  /** What cannot be written down is not done: whoever brought it hears so. */
  #unwritten(sequence: number, error: unknown): Refusal {
    this.#log.error('A delivery could not be written down', { error })
    return fullDiskOf(error)
      ? { sequence, code: 'disk-full', message: 'The disk of the host is full' }
      : { sequence, code: 'not-recorded', message: 'The host could not write this down' }
  }

  async #do(sender: DeliverySender, key: OutboxKey, delivery: Delivery): Promise<void> {
    const { sequence, lobbyId } = delivery
    switch (delivery.do) {
      case 'say':
        return await this.#say(sender, key, delivery)
      case 'type': {
        const display = await sender.keyboard(lobbyId)
        await this.#ledger.done(key, sequence)
        // Devices of its own: what has begun is written to its end, though the session may be lost meanwhile.
        const devices = display.openInput()
        const isWritten = await devices.write(delivery.text)
        devices.close()
        if (isWritten) return
        throw new HostError('typing-interrupted', 'The app went away while the text was being typed')
      }
      case 'seat': {
        const lobby = sender.lobby(lobbyId)
        sender.changeSeat(delivery.seat, delivery.wish)
        await sender.written(lobby)
        return await this.#ledger.done(key, sequence)
      }
      case 'ask-to-play':
        sender.lobby(lobbyId)
        sender.askToPlay(delivery.asks)
        return await this.#ledger.done(key, sequence)
    }
  }

  async #say(
    sender: DeliverySender,
    key: OutboxKey,
    { sequence, lobbyId, text }: Delivery & { readonly do: 'say' },
  ): Promise<void> {
    const lobby = sender.lobby(lobbyId)
    const { id: memberId, name, role } = sender.member
    const said = { memberId, name, role, text: text.toWellFormed(), atMs: this.#clock.epochMs() }
    const id = await this.#ledger.said(key, sequence, { lobbyId: lobby.id, ...said })
    lobby.texts.publish({ id, ...said })
  }
}
