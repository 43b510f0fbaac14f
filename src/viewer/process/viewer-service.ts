import type { Closable } from '../../kernel/ending.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Handlers } from '../../kernel/monitor/typed-conversation.ts'
import type { viewerProcess } from '../link/conversation.ts'
import { shortened, type NativePort as NativeTerms, type Order } from '../link/messages.ts'
import { encodeMessage, encodePacket, encodeStream } from '../link/protocol.ts'
import { openNativePort, type NativePort } from '../native/native-port.ts'
import { NativePackets } from '../native/packets.ts'
import { placeOf } from '../../net/reach/reach.ts'
import { ViewerError } from '../contract/viewer-error.ts'
import { Pump } from '../sending/pump.ts'
import { bestParity } from '../../wire/fec/simd-parity.ts'
import { MoonlightPackets } from '../moonlight/packets.ts'
import { openStreamPort, type StreamPort } from '../moonlight/stream-port.ts'
import { claimUdpPort } from '../webrtc/claim-udp-port.ts'
import { RtpPackets } from '../webrtc/packets.ts'
import { UnitFlows } from './unit-flows.ts'
import { openUnitInlet } from './unit-inlet.ts'
import { openMoonlightViewer, type MoonlightViewer } from './moonlight-viewer.ts'
import { openNativeViewer, type NativeViewer } from './native-viewer.ts'
import { openSendingViewer, type ProcessContext, type SendingViewer } from './sending-viewer.ts'

export type ViewerServiceOptions = Pick<ProcessContext, 'tallies' | 'random32' | 'report' | 'write'> & {
  /** Its times are those of `AccessUnit.captureUs`, so that there is one time for all that a congestion controller is told of. */
  readonly clock: ProcessContext['rtc']['clock']
  /** An order could not be carried out. */
  readonly failed: (error: unknown) => void
}

type OpenViewer = SendingViewer | MoonlightViewer | NativeViewer

export type OrderHandlers = Handlers<typeof viewerProcess, 'process'>

/** Carries out the server's orders. An order for a viewer that has gone does nothing. */
export class ViewerService {
  readonly #options: ViewerServiceOptions
  readonly #viewers = new Map<number, OpenViewer>()
  #context: ProcessContext | undefined
  #port: Closable | undefined
  /** Where Moonlight's clients come. */
  #streamPort: StreamPort | undefined
  readonly #moonlightPackets = new MoonlightPackets(bestParity())
  /** Where clients of the native transport come. */
  #nativePort: NativePort | undefined
  readonly #flows = new UnitFlows({
    video: (viewer, unit) => this.#viewers.get(viewer)?.viewer.video(unit),
    missed: (viewer) => this.#viewers.get(viewer)?.viewer.missed(),
  })
  /** Where media processes come. */
  #inlet: Closable | undefined
  readonly #nativePackets = new NativePackets(bestParity())

  constructor(options: ViewerServiceOptions) {
    this.#options = options
  }

  /** What is done with each order, and with units. */
  get handlers(): OrderHandlers {
    const of = (viewer: number) => this.#viewers.get(viewer)
    const peer = (viewer: number) => {
      const found = of(viewer)
      return found?.kind === 'webrtc' ? found : undefined
    }
    return {
      begin: (order) => this.#watch(this.#begin(order)),
      open: (order) => this.#open(order, (context) => openSendingViewer(context, order)),
      'open-moonlight': (order) => this.#open(order, (context) => this.#openMoonlight(context, order)),
      'open-native': (order) => this.#open(order, (context) => this.#openNative(context, order)),
      'end-channel': ({ channel, cause, reason }) => this.#nativePort?.channels.get(channel)?.end(cause, reason),
      message: ({ channel, message }) => this.#nativePort?.channels.get(channel)?.say(message),
      'reach-signal': ({ reach, origin, signal }) => this.#nativePort?.reaches.signal(reach, origin, signal),
      'reach-tunnel': ({ reach, where }) => this.#nativePort?.reaches.tunnel(reach, where),
      'end-reach': ({ reach }) => this.#nativePort?.reaches.end(reach, 'this host has ended it'),
      packet: ({ reach, packet }) => this.#nativePort?.reaches.packet(reach, packet),
      stream: (frame) => this.#nativePort?.channels.get(frame.channel)?.requests.hear(frame),
      rumble: ({ viewer, pad, strong, weak }) => {
        const found = of(viewer)
        if (found?.kind === 'moonlight') found.wire.rumble(pad, strong, weak)
      },
      streams: ({ viewer, streams }) => peer(viewer)?.configure(streams),
      candidate: ({ viewer, candidate }) => peer(viewer)?.wire.candidate(candidate),
      limit: ({ viewer, bitrateBps }) => of(viewer)?.viewer.limit(bitrateBps),
      route: ({ viewer, width, height, ...route }) => {
        if (of(viewer)) this.#flows.route(viewer, { ...route, size: { width, height } })
      },
      halt: ({ viewer }) => this.#flows.halt(viewer),
      close: ({ viewer }) => this.#watch(of(viewer)?.viewer.close('closed')),
      video: ({ viewers, what }) => {
        for (const viewer of viewers) of(viewer)?.viewer.video(what)
      },
      audio: ({ viewers, what }) => {
        for (const viewer of viewers) of(viewer)?.viewer.audio(what)
      },
      pointers: ({ viewers, what }) => {
        for (const viewer of viewers) of(viewer)?.viewer.pointers(what)
      },
    }
  }

  /** Those who were heard before this moment, and not since. */
  silentSince(momentUs: number): number[] {
    return [...this.#viewers].filter(([, { viewer }]) => (viewer.heardUs ?? Infinity) < momentUs).map(([id]) => id)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#viewers.values()].map(({ viewer }) => viewer.close('the process ends')))
    await this.#inlet?.close()
    await this.#port?.close()
    await this.#streamPort?.close()
    await this.#nativePort?.close()
  }

  #watch(order: Promise<void> | undefined): void {
    order?.catch((error: unknown) => this.#options.failed(error))
  }

  async #begin({ udp, iceServers, moonlight, native, inlet }: Extract<Order, { type: 'begin' }>): Promise<void> {
    const { clock, report } = this.#options
    const nowUs = () => clock.nowMs() * 1000
    try {
      if (inlet) this.#inlet = await this.#openInlet(inlet)
      this.#port = await claimUdpPort(udp, clock)
    } catch (error) {
      return report({ type: 'port-refused', reason: shortened(messageOf(error)) })
    }
    this.#context = {
      ...this.#options,
      nowUs,
      rtc: { iceServers, udp, clock },
      packets: new RtpPackets(),
      pump: new Pump({ clock, nowUs }),
    }
    const refusals = {
      moonlight: moonlight && (await this.#openStreamPort(moonlight)),
      native: native && (await this.#openNativePort(native)),
    }
    report({ type: 'begun', ...refusals })
  }

  #openInlet(inlet: { path: string; key: string }): Promise<Closable> {
    const flows = this.#flows
    return openUnitInlet({
      ...inlet,
      events: {
        video: (media, frame) => flows.video(media, frame),
        over: (media, flow) => flows.over({ media, ...flow }),
        lost: (media) => flows.lost(media),
        fault: (error) => this.#options.failed(error),
      },
    })
  }

  /** Why it cannot be had; undefined when it could. */
  async #openStreamPort(udp: { port: number; bindAddress: string | undefined }): Promise<string | undefined> {
    try {
      this.#streamPort = await openStreamPort({ ...udp, clock: this.#options.clock })
      return undefined
    } catch (error) {
      return shortened(messageOf(error))
    }
  }

  /** As {@link #openStreamPort}. */
  async #openNativePort(terms: NativeTerms): Promise<string | undefined> {
    const { clock, report, write, tallies } = this.#options
    try {
      this.#nativePort = await openNativePort({
        terms,
        clock,
        opened({ id: channel, link }) {
          const publicKey = Buffer.from(link.peerKey).toString('hex')
          report({ type: 'channel', channel, publicKey, origin: link.path.origin, path: placeOf(link.path) })
        },
        events: {
          message: ({ id: channel }, message) => write('message', encodeMessage({ channel, message })),
          stream: (frame) => write('stream', encodeStream(frame)),
          over: ({ id: channel }, { cause, by, reason }) =>
            report({ type: 'channel-over', channel, cause, by, reason: shortened(reason) }),
          fault: (cause) => tallies.native.refused(cause),
          reach: {
            signal: (reach, signal) => report({ type: 'reach-signal', reach, signal }),
            packet: (reach, packet) => write('packet', encodePacket({ reach, packet })),
            over: (reach, reason) => report({ type: 'reach-over', reach, reason: shortened(reason) }),
          },
        },
      })
      return undefined
    } catch (error) {
      return shortened(messageOf(error))
    }
  }

  #openNative(context: ProcessContext, order: Extract<Order, { type: 'open-native' }>): NativeViewer {
    const port = this.#nativePort
    const channel = port?.channels.get(order.channel)
    if (!port || !channel) throw new ViewerError('peer-failed', 'The channel is over')
    return openNativeViewer(context, { channel, local: port.local, packets: this.#nativePackets }, order)
  }

  #openMoonlight(context: ProcessContext, order: Extract<Order, { type: 'open-moonlight' }>): MoonlightViewer {
    if (this.#streamPort === undefined)
      throw new ViewerError('peer-failed', "The port of Moonlight's clients could not be had")
    return openMoonlightViewer(context, { port: this.#streamPort, packets: this.#moonlightPackets }, order)
  }

  #open(
    order: Extract<Order, { type: 'open' | 'open-moonlight' | 'open-native' }>,
    openViewer: (context: ProcessContext) => OpenViewer,
  ): void {
    const { report } = this.#options
    const ended = (reason: string) => report({ type: 'ended', viewer: order.viewer, reason: shortened(reason) })
    if (!this.#context) return ended('The process has not begun')
    try {
      const opened = openViewer(this.#context)
      this.#viewers.set(order.viewer, opened)
      void opened.viewer.closed.then((end) => {
        this.#viewers.delete(order.viewer)
        this.#flows.halt(order.viewer)
        ended(end.kind === 'error' ? end.error.message : end.reason)
      })
    } catch (error) {
      ended(messageOf(error))
    }
  }
}
