import type { VoiceUnit } from '../../media/contract/voice.ts'
import type { DatagramPath } from '../../net/contract/datagram-path.ts'
import type { BirthdayOutcome } from '../../net/paths/birthday-probing.ts'
import { placeOf, reachOf } from '../../net/reach/reach.ts'
import { keysChannel, pointerChannel } from '../../wire/input/channels.ts'
import type { Order } from '../link/messages.ts'
import { shortened } from '../link/messages.ts'
import type { NativeChannel } from '../native/native-channel.ts'
import type { NativePacket, NativePackets } from '../native/packets.ts'
import { openNativeWire } from '../native/wire.ts'
import { Viewer } from '../sending/viewer.ts'
import { reporter, type ProcessContext } from './sending-viewer.ts'
import { Upstream } from './upstream.ts'

/** A viewer on a channel of the native transport as its process has it. */
export interface NativeViewer {
  readonly kind: 'native'
  readonly viewer: Viewer<NativePacket>
}

export function openNativeViewer(
  context: ProcessContext,
  shared: { readonly channel: NativeChannel; readonly local: string; readonly packets: NativePackets },
  order: Extract<Order, { type: 'open-native' }>,
): NativeViewer {
  const { viewer: id, codecs, audio, limitBps } = order
  const { channel, local, packets } = shared
  const { tallies, nowUs, report, rtc, write } = context
  const { native: tally } = tallies
  const fault = (code: string, message: string) =>
    report({ type: 'fault', viewer: id, code: shortened(code), message: shortened(message) })
  const upstream = new Upstream({ viewer: id, nowMs: () => nowUs() / 1000, write, fault })
  const told = reporter(id, report)
  let leave = () => {}
  const { transport, link } = channel
  const viewer = new Viewer<NativePacket>({
    parts: { ...context, clock: rtc.clock, counters: tally.counters, captureToPacketMs: tally },
    limitBps,
    events: told,
    controller: transport.controller,
    openWire: (events) => {
      const wire = openNativeWire({
        transport,
        packets,
        codecs,
        audio,
        events,
        nowUs,
        path: () => ({ path: link.path.kind, local, remote: placeOf(link.path), why: whyOf(link.path) }),
        overview: () => reachOf(link.path)?.overview,
        input: (message) => upstream.input(pointerChannel, message),
        voice: (packet) => {
          const unit = voiceOf(packet)
          if (unit) upstream.voice(unit)
          else fault('too-short', 'A voice came without sound')
        },
      })
      const keys = (message: Uint8Array) => {
        events.heard()
        upstream.input(keysChannel, message)
      }
      const probed = (outcome: BirthdayOutcome) => told.observed({ kind: 'probing', ...outcome })
      leave = channel.carry({ ...wire.answers, keys, probed })
      return wire
    },
  })
  void viewer.closed.then(leave)
  return { kind: 'native', viewer }
}

/** In words, where there is a choice. */
function whyOf(path: DatagramPath): string | undefined {
  const why = reachOf(path)?.why
  return why === undefined ? undefined : shortened(why)
}

const voiceHeadBytes = 4

/** When it was said, in samples, and a packet of Opus. */
function voiceOf(packet: Uint8Array): VoiceUnit | undefined {
  if (packet.length <= voiceHeadBytes) return undefined
  const timestamp = new DataView(packet.buffer, packet.byteOffset).getUint32(0)
  return { timestamp, data: packet.subarray(voiceHeadBytes) }
}
