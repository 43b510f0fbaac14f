import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import { CodedError, messageOf } from '../../kernel/coded-error.ts'
import { Ending } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import { encodeSignal } from '../../wire/signal/codec.ts'
import type { IceServer } from '../../wire/signal/messages.ts'
import { signalling } from '../../wire/signal/protocol.ts'
import type { Pipe } from '../../kernel/pipe.ts'
import type { BrowserGateway } from './browser-gateway.ts'
import { BrowserMedia } from './browser-media.ts'
import type { MediaPort } from '../../viewer/open-viewer-process.ts'
import type { NativePort } from '../../viewer/link/messages.ts'
import { openViewerProcesses } from '../../viewer/open-viewer-processes.ts'
import type { UnitInlets } from '../../media/contract/unit-inlets.ts'
import { PointerMessages } from '../../viewer/sending-end.ts'
import { Pump } from '../../viewer/sending/pump.ts'
import { MediaMessages } from '../../viewer/web-port/packets.ts'
import { nativeIceServers } from './native-ice-servers.ts'
import type { ReturnDesk } from '../../conversation/return/return-desk.ts'
import type { OfferedIceServers } from '../../conversation/contract/offered-ice-servers.ts'
import { reasonOf } from '../../conversation/end-cause.ts'
import { SignalConversation } from '../../conversation/signal-conversation.ts'
import type { ViewerContext } from './viewer/viewer-context.ts'

export interface BrowserGatewayOptions {
  readonly host: Host
  /** For this end, as far as it can use them. */
  readonly iceServers: readonly IceServer[]
  /** For the browser that begins a conversation now, until that is over, as they are at each look; the same when left out. */
  readonly lendIceServers?: (() => { look(): OfferedIceServers; release(): void }) | undefined
  readonly udp: MediaPort
  /** How many; each has a port of its own, those after the first the numbers behind it. */
  readonly viewerProcesses: number
  /** Where Moonlight's clients are served, by the same process; nowhere when left out. */
  readonly moonlight?: { readonly port: number; readonly bindAddress: string | undefined } | undefined
  /** Where the native transport is served, by the same process; nowhere when left out. */
  readonly native?: NativePort | undefined
  /** Where the processes take pictures from media processes; all come from here when left out. */
  readonly inlets?: UnitInlets | undefined
  readonly log: Log
  readonly clock: Clock
  /** The clock of `AccessUnit.captureUs`, in microseconds. */
  readonly nowUs: () => number
  /** Where sessions that were lost are found again, by this way in or another. */
  readonly desk: ReturnDesk
  /** Cryptographically secure. */
  readonly randomBytes: (count: number) => Uint8Array
  /** Of the viewer process; this one's by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Takes the recording of each signalling conversation that has ended; nothing is recorded without it. */
  readonly keepRecording?: (sessionId: string, recording: string) => void
}

/** RFC 6455, section 7.4.1 and the registry: try again later. */
const tryAgainLater = 1013

/** Opens the gateway. Rejects with ViewerError `port-in-use` or `process-failed`, or BrowserGatewayError `ice-server-invalid`. */
export async function openBrowserGateway(options: BrowserGatewayOptions): Promise<BrowserGateway> {
  const { host, clock, nowUs, randomBytes, desk, iceServers, udp, log } = options
  const { lendIceServers = () => ({ look: () => ({ servers: iceServers }), release: () => {} }) } = options
  const conversations = new Set<SignalConversation<BrowserMedia>>()
  const viewerProcess = await openViewerProcesses({
    udp,
    count: options.viewerProcesses,
    iceServers: nativeIceServers(iceServers),
    moonlight: options.moonlight,
    native: options.native,
    inlets: options.inlets,
    clock,
    log,
    random: Math.random,
    ...(options.environment && { environment: options.environment }),
    onShutOut: (memberIds) => {
      for (const conversation of conversations) {
        const { id, role } = conversation.member
        if (role !== 'owner' && memberIds.includes(id)) void conversation.end({ kind: 'shut-out' })
      }
    },
  })
  // Those through the web port are counted with those by WebRTC.
  const { counters, captureToPacketMs } = viewerProcess.measures.webrtc
  const context: ViewerContext = {
    viewerProcess,
    messages: new MediaMessages(),
    pointers: new PointerMessages(),
    gateway: 'browser',
    pump: new Pump({ clock, nowUs }),
    counters,
    captureToPacketMs,
    clock,
    nowUs,
    random32: () => new DataView(Uint8Array.from(randomBytes(4)).buffer).getUint32(0),
    log,
  }
  const watch = {
    plan: planConversation(signalling, 'host'),
    epochMs: () => clock.epochMs(),
    keepRecording: options.keepRecording,
  }

  const ending = new Ending(async () => {
    await Promise.all([...conversations].map((conversation) => conversation.end({ kind: 'gateway-closed' })))
    await viewerProcess.close()
  })
  const viewers = () => [...conversations].flatMap(({ media }) => media.viewers.filter(({ open }) => open))

  return {
    accept({ pipe, isPlain, member }) {
      if (ending.begun) return turnAway(pipe, 'gateway-closed', 'The host is closing')
      if (!pipe.open) return
      if (member.role !== 'owner' && viewerProcess.standing(member.id) === 'shut-out') {
        return turnAway(pipe, 'shut-out', reasonOf({ kind: 'shut-out' }))
      }
      const lent = lendIceServers()
      try {
        const conversation = new SignalConversation(
          {
            host,
            member,
            pipe,
            isPlain,
            openMedia: (door) => new BrowserMedia({ ...door, context, isPlain, tickets: desk.media }),
            desk,
            iceServers: () => lent.look(),
            watch,
            clock,
            log,
            gateway: 'browser',
            onFault: () => counters.faults++,
          },
          host.createSession(member),
        )
        conversations.add(conversation)
        void conversation.ended.then(() => {
          conversations.delete(conversation)
          lent.release()
        })
        conversation.begin()
      } catch (error) {
        lent.release()
        log.warn('A browser was turned away', { memberId: member.id, error: messageOf(error) })
        turnAway(pipe, error instanceof CodedError ? error.code : 'internal', 'There is no room for one more session')
      }
    },
    redeemMedia: (ticket) => (ending.begun ? undefined : desk.media.redeem(ticket)),
    counters,
    get connections() {
      return conversations.size
    },
    get viewers() {
      return viewers().length
    },
    get targetBitratesBps() {
      return viewers().map(({ targetBps }) => targetBps)
    },
    captureToPacketMs: (share) => captureToPacketMs.percentile(share),
    viewerProcess,
    moveMedia: (moved) => viewerProcess.move(moved),
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

function turnAway(pipe: Pipe, code: string, message: string): void {
  pipe.send(encodeSignal({ type: 'error', code, message }))
  pipe.close(tryAgainLater, message)
}
