import { GamepadSender } from '../../wire/input/gamepad-message.ts'
import { keysChannel, pointerChannel } from '../../wire/input/channels.ts'
import { encodeKeysMessage } from '../../wire/input/keys-message.ts'
import { PointerSender } from '../../wire/input/pointer-message.ts'
import { MoonlightPlayer } from '../../wire/moonlight/player-input.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { shortened, type Order } from '../link/messages.ts'
import type { MoonlightPacket, MoonlightPackets } from '../moonlight/packets.ts'
import type { StreamPort } from '../moonlight/stream-port.ts'
import { openMoonlightWire, type MoonlightWire } from '../moonlight/wire.ts'
import { Viewer } from '../sending/viewer.ts'
import { reporter, type ProcessContext } from './sending-viewer.ts'
import { Upstream } from './upstream.ts'

/** A viewer to a Moonlight client as its process has it. */
export interface MoonlightViewer {
  readonly kind: 'moonlight'
  readonly viewer: Viewer<MoonlightPacket>
  readonly wire: MoonlightWire
}

/** Waits for the client of an agreed stream, and serves it. */
export function openMoonlightViewer(
  context: ProcessContext,
  shared: { readonly port: StreamPort; readonly packets: MoonlightPackets },
  order: Extract<Order, { type: 'open-moonlight' }>,
): MoonlightViewer {
  const { viewer: id, terms, limitBps } = order
  const { tallies, nowUs, report, rtc, write } = context
  const { moonlight: tally } = tallies
  const fault = (code: string, message: string) =>
    report({ type: 'fault', viewer: id, code: shortened(code), message: shortened(message) })
  const upstream = new Upstream({ viewer: id, nowMs: () => nowUs() / 1000, write, fault })
  const player = new MoonlightPlayer()
  const pointers = new PointerSender()
  const pads = new GamepadSender()
  /** The way of input to the server is one for all wires: it is checked there as if it came from outside. */
  const forward = (message: InputMessage) => {
    if (message.type === 'pointer' || message.type === 'pointer-relative') {
      upstream.input(pointerChannel, pointers.encode(message))
    } else if (message.type === 'gamepad') {
      upstream.input(keysChannel, pads.encode(message.pad, message.state).bytes)
    } else {
      upstream.input(keysChannel, encodeKeysMessage(message))
    }
  }
  let wire: MoonlightWire | undefined
  const viewer = new Viewer<MoonlightPacket>({
    parts: { ...context, clock: rtc.clock, counters: tally.counters, captureToPacketMs: tally },
    limitBps,
    events: reporter(id, report),
    openWire: (events) => {
      wire = openMoonlightWire({
        ...shared,
        terms,
        bitrateBps: limitBps,
        counters: tally.counters,
        events,
        recognised: () => report({ type: 'recognised', viewer: id }),
        input: (input) => {
          for (const message of player.messages(input)) forward(message)
        },
        fault,
        keepRecording: (recording) => report({ type: 'recording', viewer: id, recording }),
        epochMs: () => rtc.clock.epochMs(),
      })
      return wire
    },
  })
  if (!wire) throw new TypeError('A viewer has no wire')
  return { kind: 'moonlight', viewer, wire }
}
