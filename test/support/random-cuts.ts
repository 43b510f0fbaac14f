import { setTimeout as pause } from 'node:timers/promises'
import type { XConnection } from '../../src/host/display/x11/x-connection.ts'
import type { SeatsMessage } from '../../src/wire/signal/seats.ts'
import { eventually } from './eventually.ts'
import { heldInDisplay, isNothing } from './held-in-display.ts'
import { RtcReceiver } from './rtc-receiver.ts'
import type { RunningPorchlight } from './running-porchlight.ts'

/** Somebody who plays, through a connection of their own that ends in some cut or other. */
interface Player extends AsyncDisposable {
  readonly receiver: RtcReceiver
  readonly sessionId: string
  readonly invitationId: string
}

/** Whoever plays now, and is closed in the end. */
class Present implements AsyncDisposable {
  player: Player

  constructor(player: Player) {
    this.player = player
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.player[Symbol.asyncDispose]()
  }
}

interface Scene {
  readonly house: RunningPorchlight
  readonly lobbyId: string
  readonly owner: RtcReceiver
  readonly player: Player
  readonly other: Player
}

const seat = 'keyboard-mouse'

/** What can happen to somebody who holds keys down. Each says whether the player is of no more use afterwards. */
const cuts = {
  'socket cut': async ({ player }) => {
    player.receiver.cutSocket()
    return true
  },
  'media path lost': async ({ player }) => {
    player.receiver.cutMedia()
    return true
  },
  'left for good': async ({ player }) => {
    player.receiver.send({ type: 'bye' })
    return true
  },
  'session ended': async ({ house, player }) => {
    await house.api('DELETE', `sessions/${player.sessionId}`)
    return true
  },
  'link revoked': async ({ house, player }) => {
    await house.api('DELETE', `invitations/${player.invitationId}`)
    return true
  },
  'lobby left': async ({ lobbyId, player }) => {
    player.receiver.send({ type: 'leave' })
    player.receiver.send({ type: 'join', lobbyId })
    return false
  },
  'given back': async ({ player }) => {
    void player.receiver.wish(seat, { do: 'release' })
    return false
  },
  'handed over': async ({ player, other }) => {
    void player.receiver.wish(seat, { do: 'hand-over', to: other.sessionId })
    return false
  },
  'taken back': async ({ owner }) => {
    void owner.wish(seat, { do: 'take-back' })
    return false
  },
  'locked and taken back': async ({ house, lobbyId }) => {
    await house.api('POST', `lobbies/${lobbyId}/seats/${seat}/lock`)
    await house.api('POST', `lobbies/${lobbyId}/seats/${seat}/take-back`)
    return false
  },
  'granted to another': async ({ house, lobbyId, other }) => {
    await house.api('POST', `lobbies/${lobbyId}/seats/${seat}/grant`, { body: { sessionId: other.sessionId } })
    return false
  },
} as const satisfies Record<string, (scene: Scene) => Promise<boolean>>

export type Cut = keyof typeof cuts
const cutNames = Object.keys(cuts) as readonly Cut[]

/** Keys without meaning for a window manager or a shell, one by one or together. */
const keys = [
  ['KeyA', 'a'],
  ['KeyS', 's'],
  ['ArrowUp', 'ArrowUp'],
  ['Digit1', '1'],
  ['ShiftLeft', 'Shift'],
  ['AltLeft', 'Alt'],
] as const

/** Longer than anything takes that works. */
const releaseLimitMs = 10_000
/** What is up stays up for so long: what was under way when it was cut, and goes down late, is released as well. */
const settledMs = 60

export interface CutsReport {
  readonly times: ReadonlyMap<Cut, number>
  /** Cuts when the X server had said that something is down; the others came while keys were on their way. */
  readonly seenDown: number
  /** From the cut until nothing was down, in milliseconds. */
  readonly releasedMs: readonly number[]
}

/**
 * Cuts players off at random moments, in all ways there are, while keys and buttons go down; after each cut the X
 * server has to say that nothing is down, and to stay with it. Throws when something stays.
 */
export async function makeRandomCuts(options: {
  readonly house: RunningPorchlight
  readonly lobbyId: string
  readonly x: XConnection
  readonly times: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}): Promise<CutsReport> {
  const { house, lobbyId, x, times, random } = options
  await using owner = new RtcReceiver({ url: house.signallingUrl, token: house.ownerToken, lobbyId })
  await owner.until(() => latest(owner) !== undefined, 'the seats')
  await using other = await openPlayer(house, lobbyId)
  await using present = new Present(await openPlayer(house, lobbyId))
  const counts = new Map<Cut, number>()
  const releasedMs: number[] = []
  let seenDown = 0
  for (let time = 0; time < times; time++) {
    const cut = cutNames[time % cutNames.length] ?? 'socket cut'
    const { player } = present
    await takeSeat(house, lobbyId, player)
    const waits = random() < 0.5
    const pressing = press(player.receiver, random)
    if (waits) {
      await eventually(
        () => heldInDisplay(x),
        (held) => !isNothing(held),
        { what: 'something that is down' },
      )
      seenDown++
    } else {
      await pause(random() * 25)
    }
    const cutMs = performance.now()
    const isGone = await cuts[cut]({ house, lobbyId, owner, player, other })
    await pressing
    let upMs = cutMs
    const settled = async () => {
      const held = await heldInDisplay(x)
      if (!isNothing(held)) return held
      upMs = performance.now()
      await pause(settledMs)
      return heldInDisplay(x)
    }
    await eventually(settled, isNothing, {
      what: `nothing that is down after cut ${time} (${cut})`,
      withinMs: releaseLimitMs,
    })
    releasedMs.push(upMs - cutMs)
    counts.set(cut, (counts.get(cut) ?? 0) + 1)
    if (!isGone) continue
    await player[Symbol.asyncDispose]()
    present.player = await openPlayer(house, lobbyId)
  }
  return { times: counts, seenDown, releasedMs }
}

/** Four to nine keys and buttons, of which some go up again but never the first, a few milliseconds apart; goes on whatever happens meanwhile. */
async function press(receiver: RtcReceiver, random: () => number): Promise<void> {
  const pick = () => keys[Math.floor(random() * keys.length)] ?? keys[0]
  const first = pick()
  const count = 4 + Math.floor(random() * 6)
  for (let index = 0; index < count; index++) {
    const [code, key] = index === 0 ? first : pick()
    const down = random() < 0.85 || code === first[0]
    const position = { x: random(), y: random() }
    try {
      if (random() < 0.7 || index === 0) receiver.input({ type: 'key', code, key, down })
      else receiver.input({ type: 'button', button: random() < 0.5 ? 'left' : 'right', down, ...position })
      if (random() < 0.5) receiver.input({ type: 'pointer', ...position })
    } catch {
      // The library refuses a channel that the cut has closed.
      return
    }
    await pause(random() * 6)
  }
}

async function openPlayer(house: RunningPorchlight, lobbyId: string): Promise<Player> {
  const { id: invitationId, token } = await house.invite(lobbyId, 'player')
  const receiver = new RtcReceiver({ url: house.signallingUrl, token, lobbyId })
  const { id: sessionId } = await receiver.message('ready')
  receiver.offer()
  await receiver.until(({ inputOpen }) => inputOpen && latest(receiver) !== undefined, 'data channels and seats')
  return { receiver, sessionId, invitationId, [Symbol.asyncDispose]: () => receiver.close() }
}

/** The owner gives the player the seat, from outside, and opens a lock that is left of the cut before. */
async function takeSeat(house: RunningPorchlight, lobbyId: string, { receiver, sessionId }: Player): Promise<void> {
  const isThere = () => latest(receiver)?.players.some((one) => one.sessionId === sessionId) === true
  await receiver.until(isThere, 'the player in the lobby')
  await house.api('POST', `lobbies/${lobbyId}/seats/${seat}/unlock`)
  await house.api('POST', `lobbies/${lobbyId}/seats/${seat}/grant`, { body: { sessionId } })
  const holds = () => latest(receiver)?.seats.find(({ id }) => id === seat)?.holder === sessionId
  await receiver.until(holds, 'the seat')
}

function latest({ messages }: RtcReceiver): SeatsMessage | undefined {
  return messages.findLast((message): message is SeatsMessage => message.type === 'seats')
}
