import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { BitrateController } from '../../src/net/congestion/bitrate-controller.ts'
import type { ByteStream } from '../../src/net/streams/byte-stream.ts'
import type { TransportEvents } from '../../src/net/streams/datagram-channel.ts'
import { Transport } from '../../src/net/streams/transport.ts'
import type { DatagramKind } from '../../src/wire/native-frames/frame.ts'
import { openSimulatedChannels, pass, type SimulatedChannel, type SimulatedPath } from './simulated-channel.ts'

/** What one end has heard. */
export interface Heard {
  readonly streams: ByteStream[]
  readonly datagrams: { readonly kind: DatagramKind; readonly data: Uint8Array; readonly atMs: number }[]
  readonly missing: number[]
  keysWanted: number
}

export interface TransportPair extends AsyncDisposable {
  readonly clock: ManualClock
  readonly near: Transport
  readonly far: Transport
  readonly channels: { readonly near: SimulatedChannel; readonly far: SimulatedChannel }
  readonly heard: { readonly near: Heard; readonly far: Heard }
}

/** The two ends of a transport over a simulated path, in virtual time. `near` has called. */
export function openTransports(path: SimulatedPath, startBps = 2_500_000): TransportPair {
  const clock = new ManualClock()
  const [one, other] = openSimulatedChannels(clock, path)
  const heard = { near: nothing(), far: nothing() }
  const open = (channel: SimulatedChannel, isCaller: boolean, of: Heard) =>
    new Transport({
      channel,
      clock,
      isCaller,
      controller: new BitrateController({ startBps }),
      events: hear(of, clock),
    })
  const near = open(one, true, heard.near)
  const far = open(other, false, heard.far)
  return {
    clock,
    near,
    far,
    channels: { near: one, far: other },
    heard,
    async [Symbol.asyncDispose]() {
      const closed = Promise.all([near.close(), far.close()])
      await pass(clock, 100, 10)
      await closed
    },
  }
}

function nothing(): Heard {
  return { streams: [], datagrams: [], missing: [], keysWanted: 0 }
}

function hear(heard: Heard, clock: ManualClock): TransportEvents {
  return {
    stream: (stream) => void heard.streams.push(stream),
    datagram: (kind, data) => void heard.datagrams.push({ kind, data: Uint8Array.from(data), atMs: clock.nowMs() }),
    missing: (numbers) => void heard.missing.push(...numbers),
    keyWanted: () => void heard.keysWanted++,
    reported: () => {},
  }
}
