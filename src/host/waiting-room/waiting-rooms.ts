import type { Producer } from '../../media/contract/producer.ts'
import type { HostParts, WaitingRoomText } from '../contract/host-parts.ts'

/** The right to show a waiting room; the room lives at least as long. */
export interface WaitingRoomLease {
  readonly producer: Producer
  /** Resolves when the room is gone, if this was its last lease. Idempotent. */
  release(): Promise<void>
}

interface Room {
  readonly producer: Producer
  leases: number
}

/** Waiting rooms shared by those who wait for the same reason, so that ten of them cost one encoding. */
export class WaitingRooms {
  readonly #open: HostParts['openWaitingRoom']
  readonly #rooms = new Map<string, Room>()
  readonly #closing = new Set<Promise<void>>()
  #opened = 0

  constructor(open: HostParts['openWaitingRoom']) {
    this.#open = open
  }

  /** How many rooms are open. */
  get size(): number {
    return this.#rooms.size
  }

  enter(text: WaitingRoomText): WaitingRoomLease {
    const key = JSON.stringify([text.title, text.lines])
    const room = this.#rooms.get(key) ?? this.#openRoom(key, text)
    room.leases++
    let released: Promise<void> | undefined
    return {
      producer: room.producer,
      release: () => (released ??= this.#release(key, room)),
    }
  }

  #openRoom(key: string, text: WaitingRoomText): Room {
    const room: Room = { producer: this.#open(`waiting-room-${++this.#opened}`, text), leases: 0 }
    this.#rooms.set(key, room)
    return room
  }

  async #release(key: string, room: Room): Promise<void> {
    if (--room.leases > 0) return
    this.#rooms.delete(key)
    const closing = room.producer.close('nobody waits there any more')
    this.#closing.add(closing)
    await closing
    this.#closing.delete(closing)
  }

  /** Resolves when every room that nobody holds is really gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing)
  }
}
