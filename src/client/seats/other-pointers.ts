import type { Clock } from '../../kernel/clock.ts'
import { PointersReceiver } from '../../wire/input/pointers-message.ts'
import type { Player } from '../../domain/player.ts'

/** Where another player of the lobby points, in fractions of the picture. */
export interface PlayerPointer {
  readonly player: Player
  readonly x: number
  readonly y: number
}

/** What is needed of an RTCDataChannel to hear of pointers. */
type PointersChannel = EventTarget & { binaryType?: string }

/** Reads what the host tells on a pointer channel until that closes, and tells whose pointers it is about. */
export function hearPointers(options: {
  readonly channel: PointersChannel
  readonly clock: Clock
  /** As the latest `seats` message has them. */
  readonly players: () => readonly Player[]
  readonly ownSessionId: () => string | undefined
  readonly onPointers: (pointers: readonly PlayerPointer[]) => void
}): void {
  const { channel, clock, players, ownSessionId, onPointers } = options
  const receiver = new PointersReceiver()
  channel.binaryType = 'arraybuffer'
  channel.addEventListener('message', (event) => {
    const positions = read(receiver, (event as MessageEvent<unknown>).data, clock.nowMs())
    const others = positions.flatMap(({ player: number, x, y }) => {
      const player = players().find(({ pointer }) => pointer === number)
      return player && player.sessionId !== ownSessionId() ? [{ player, x, y }] : []
    })
    if (others.length > 0) onPointers(others)
  })
}

/** What cannot be read is of a newer host: the picture goes on without it. */
function read(receiver: PointersReceiver, data: unknown, nowMs: number) {
  try {
    return data instanceof ArrayBuffer ? (receiver.accept(new Uint8Array(data), nowMs) ?? []) : []
  } catch {
    return []
  }
}
