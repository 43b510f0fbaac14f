import { setTimeout as pause } from 'node:timers/promises'
import { createCounters } from '../../src/viewer/contract/gateway-counters.ts'
import { Pump } from '../../src/viewer/sending/pump.ts'
import { readBrowserOffer, streamsOf } from '../../src/gateway/browser/sdp/browser-offer.ts'
import { PacedSender } from '../../src/viewer/sending/paced-sender.ts'
import type { WireEvents } from '../../src/viewer/contract/viewer-wire.ts'
import { RtpPackets } from '../../src/viewer/webrtc/packets.ts'
import type { RtcPeer } from '../../src/viewer/webrtc/rtc-peer.ts'
import { openWebRtcWire } from '../../src/viewer/webrtc/wire.ts'
import { until } from '../../src/kernel/readable.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { DurationWindow } from '../../src/kernel/duration-window.ts'
import { monotonicUs } from '../../src/media/contract/monotonic.ts'
import { BitrateController } from '../../src/net/congestion/bitrate-controller.ts'
import { chromiumOffer } from '../../test/support/browser-offers.ts'
import { openGatewayRig, owner, type GatewayRig } from '../../test/support/gateway-rig.ts'
import { slope, table } from '../support/figures.ts'

const steps = [0, 1, 25, 50, 100]
const videoBps = 4_000_000
const warmUpMs = 1500
const ssrcs = { video: 1, audio: 2 }

/**
 * What one more viewer of a lobby costs this process when nothing is sealed and nothing is sent: sessions of a real host
 * and the gateway's own senders, fed with units of 60 pictures and 100 sound packets a second, whose packets are copied
 * into memory. The floor is that copying alone.
 */
export async function measureHundred(durationMs: number): Promise<string> {
  const ends: (() => Promise<void>)[] = []
  const rig = await openGatewayRig(
    { after: (end) => void ends.push(end) },
    { script: { fps: 60, sharedBps: videoBps }, limits: { sessions: 200 } },
  )
  try {
    const lobby = await rig.host.createLobby({ appId: 'test-pattern' })
    await until(lobby.status, ({ status }) => status === 'running')
    const house = new MemoryViewers(rig, lobby.id)
    const rows: string[][] = []
    const costs: [viewers: number, percent: number][] = []
    for (const viewers of steps) {
      await house.grow(viewers)
      await pause(warmUpMs)
      const before = { ...process.cpuUsage(), packets: house.packets, atMs: performance.now() }
      await pause(durationMs)
      const used = process.cpuUsage(before)
      const tookMs = performance.now() - before.atMs
      const percent = (used.user + used.system) / 10 / tookMs
      costs.push([viewers, percent])
      const packetsPerSecond = ((house.packets - before.packets) * 1000) / tookMs / Math.max(1, viewers)
      rows.push([`${viewers}`, `${percent.toFixed(1)} %`, viewers === 0 ? '–' : packetsPerSecond.toFixed(0)])
    }
    const floor = copyingCost(house.packets / house.bytes)
    const perViewer = slope(costs)
    return [
      table(['viewers in memory', 'this process', 'packets/s each'], rows),
      `One more viewer: ${perViewer.toFixed(3)} % of a core; copying its bytes alone: ${floor.toFixed(3)} %.`,
    ].join('\n\n')
  } finally {
    for (const end of ends) await end()
  }
}

/** Sessions in a lobby, each with a sender whose transport is memory. */
class MemoryViewers {
  packets = 0
  bytes = 0
  readonly #rig: GatewayRig
  readonly #lobbyId: string
  readonly #landing = new Uint8Array(2048)
  readonly #shared = {
    pump: new Pump({ clock: systemClock, nowUs: monotonicUs }),
    captureToPacketMs: new DurationWindow(256),
    nowUs: monotonicUs,
    parityPercent: () => 0,
  }
  readonly #packets = new RtpPackets()
  #count = 0

  constructor(rig: GatewayRig, lobbyId: string) {
    this.#rig = rig
    this.#lobbyId = lobbyId
  }

  async grow(viewers: number): Promise<void> {
    for (; this.#count < viewers; this.#count++) {
      const session = this.#rig.host.createSession(owner)
      await session.join(this.#lobbyId)
      const controller = new BitrateController({ startBps: 2 * videoBps })
      const sender = new PacedSender({
        ...this.#shared,
        wire: this.#openWire(),
        controller,
        onBehind: () => watch.resync(),
        onKeyPictureSent: () => {},
      })
      const watch = session.attach({ codecs: ['h264'], audio: true, bitrateBps: videoBps }, sender)
    }
  }

  /** The wire of a browser's viewer, over a peer connection that is memory. */
  #openWire() {
    const offer = readBrowserOffer(chromiumOffer())
    const never = new Promise<never>(() => {})
    const peer: RtcPeer = {
      send: (bytes) => this.#take(bytes),
      sendPointers() {},
      addCandidate() {},
      path: () => undefined,
      closed: never,
      close: () => never,
      [Symbol.asyncDispose]: () => never,
    }
    return openWebRtcWire({
      rtc: { iceServers: [], udp: { port: 1, bindAddress: undefined }, clock: systemClock },
      openPeer: () => peer,
      packets: this.#packets,
      counters: createCounters(),
      random32: () => 0x1234_5678,
      offer: { ...offer, sctpPort: undefined, inputChannels: false },
      streams: streamsOf(offer, ssrcs),
      events: {} as WireEvents,
      peer: {} as Parameters<typeof openWebRtcWire>[0]['peer'],
      mayRead: () => true,
      onMalformed: () => {},
    })
  }

  #take(bytes: Uint8Array): boolean {
    this.#landing.set(bytes)
    this.packets++
    this.bytes += bytes.length
    return true
  }
}

/** Percent of a core that copying one viewer's packets into memory takes. */
function copyingCost(packetsPerByte: number): number {
  const packetsPerSecond = Math.round((videoBps / 8) * packetsPerByte)
  const packet = new Uint8Array(Math.round(1 / packetsPerByte)).fill(1)
  const landing = new Uint8Array(2048)
  const seconds = 2000
  const begin = process.cpuUsage()
  for (let count = packetsPerSecond * seconds; count > 0; count--) landing.set(packet)
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 10_000 / seconds
}
