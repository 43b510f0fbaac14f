import { reasonOf } from '../../conversation/end-cause.ts'
import type { ReturnDesk } from '../../conversation/return/return-desk.ts'
import { SignalConversation } from '../../conversation/signal-conversation.ts'
import type { Member } from '../../domain/member.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { planConversation } from '../../kernel/monitor/conversation.ts'
import { goingAway } from '../../kernel/pipe.ts'
import { shortFingerprint } from '../../net/identity/key-fingerprint.ts'
import type { GatewayFigures } from '../../viewer/contract/gateway-figures.ts'
import type { ViewerProcesses } from '../../viewer/open-viewer-processes.ts'
import type { ChannelStream } from '../../viewer/channel-stream.ts'
import type { RemoteChannel } from '../../viewer/remote-channel.ts'
import { Pump } from '../../viewer/sending/pump.ts'
import { signalling } from '../../wire/signal/protocol.ts'
import { admit, isAdmitted } from './admission-desk.ts'
import type { KeyDoor } from './contract/key-door.ts'
import { NativeMedia } from './native-media.ts'

export interface NativeGatewayOptions {
  readonly host: Host
  /** Where the port is, and channels come from. */
  readonly viewerProcess: Pick<ViewerProcesses, 'open' | 'takeChannels' | 'standing' | 'measures'>
  readonly door: KeyDoor
  /** Where sessions that were lost are found again, by this way in or another. */
  readonly desk: ReturnDesk
  /** Takes the recording of each signalling conversation that has ended; nothing is recorded without it. */
  readonly keepRecording?: ((sessionId: string, recording: string) => void) | undefined
  readonly clock: Clock
  readonly nowUs: () => number
  readonly log: Log
  /** Answers what is asked on streams of a channel that was let in for that: requests of the API, by whom its key is. */
  readonly answer: (stream: ChannelStream, publicKey: Uint8Array) => void
  /** Cryptographically secure. */
  readonly randomBytes: (count: number) => Uint8Array
}

export interface NativeGateway extends Closable, GatewayFigures {
  /** Those who were let in. */
  readonly connections: number
  /** Channels at the door. */
  readonly arriving: number
}

const tryAgainLater = 1013
/** At the door at once: more are turned away before they can say anything. */
const mostArriving = 128

/**
 * The way in for clients of the native transport. A channel comes from the viewer process with the key that it has proved; on its first
 * stream the device is let in (`admission`), and then the conversation goes on that every client has.
 */
export function openNativeGateway(options: NativeGatewayOptions): NativeGateway {
  const { host, viewerProcess, door, desk, clock, nowUs, log, randomBytes } = options
  const { counters, captureToPacketMs } = viewerProcess.measures.native
  const gateway = 'native'
  const context = { pump: new Pump({ clock, nowUs }), nowUs, counters, log, gateway } as const
  const arriving = new Set<RemoteChannel>()
  const asking = new Set<RemoteChannel>()
  const refusals = new Map<string, number>()
  const conversations = new Set<SignalConversation<NativeMedia>>()
  const watch = {
    plan: planConversation(signalling, 'host'),
    epochMs: () => clock.epochMs(),
    keepRecording: options.keepRecording,
  }

  const take = async (channel: RemoteChannel): Promise<void> => {
    const { facts } = channel
    if (ending.begun) return channel.close(goingAway, 'The host is closing')
    if (arriving.size >= mostArriving) return channel.close(tryAgainLater, 'Too many come at once')
    arriving.add(channel)
    const { publicKey, origin } = facts
    const onRefusal = (code: string) => void refusals.set(code, (refusals.get(code) ?? 0) + 1)
    const outcome = await admit({ pipe: channel, publicKey, origin, door, clock, log, onRefusal })
    arriving.delete(channel)
    const device = shortFingerprint(publicKey)
    if (isAdmitted(outcome)) {
      return outcome.wants === 'requests' ? listen(channel) : begin(channel, outcome.member)
    }
    const { code, message } = outcome.refusal ?? outcome
    log.info('A device was not let in', { device, path: facts.path, code, reason: message })
    channel.close(tryAgainLater, outcome.message)
  }

  /** What it asks is judged request by request, by whom its key is then. */
  const listen = (channel: RemoteChannel): void => {
    if (ending.begun) return channel.close(goingAway, 'The host is closing')
    asking.add(channel)
    void channel.closed.then(() => asking.delete(channel))
    channel.onRequest = (stream) => options.answer(stream, channel.facts.publicKey)
  }

  const begin = (channel: RemoteChannel, member: Member): void => {
    if (ending.begun) return channel.close(goingAway, 'The host is closing')
    if (!channel.open) return
    if (member.role !== 'owner' && viewerProcess.standing(member.id) === 'shut-out') {
      return channel.close(tryAgainLater, reasonOf({ kind: 'shut-out' }))
    }
    try {
      const conversation = new SignalConversation<NativeMedia>(
        {
          host,
          member,
          pipe: channel,
          isPlain: false,
          openMedia: (media) =>
            new NativeMedia({
              ...media,
              context,
              viewerProcess,
              channel: channel.facts.id,
              newTicket: () => Buffer.from(randomBytes(16)).toString('hex'),
            }),
          desk,
          iceServers: () => ({ servers: [] }),
          watch,
          clock,
          log,
          gateway,
          onFault: () => counters.faults++,
        },
        host.createSession(member),
      )
      conversations.add(conversation)
      void conversation.ended.then(() => conversations.delete(conversation))
      conversation.begin()
    } catch (error) {
      log.warn('A device was turned away', { memberId: member.id, error: messageOf(error) })
      channel.close(tryAgainLater, 'There is no room for one more session')
    }
  }

  const ending = new Ending(async () => {
    for (const channel of [...arriving, ...asking]) channel.close(goingAway, 'The host is closing')
    await Promise.all([...conversations].map((conversation) => conversation.end({ kind: 'gateway-closed' })))
  })
  viewerProcess.takeChannels((channel) => void take(channel))
  const viewers = () => [...conversations].flatMap(({ media }) => (media.viewer?.open ? media.viewer : []))

  return {
    get connections() {
      return conversations.size
    },
    get arriving() {
      return arriving.size
    },
    get viewers() {
      return viewers().length
    },
    get targetBitratesBps() {
      return viewers().map(({ targetBps }) => targetBps)
    },
    counters,
    refusals,
    captureToPacketMs: (share) => captureToPacketMs.percentile(share),
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
