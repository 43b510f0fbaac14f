import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { PipeClient } from './pipe-client.ts'
import type { Member } from '../../src/domain/member.ts'
import { openMemoryHost } from '../../src/host/memory/memory-host.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { planConversation } from '../../src/kernel/monitor/conversation.ts'
import { until } from '../../src/kernel/readable.ts'
import { DurationWindow } from '../../src/kernel/duration-window.ts'
import { signalling } from '../../src/wire/signal/protocol.ts'
import { createCounters } from '../../src/viewer/contract/gateway-counters.ts'
import { ViewerError } from '../../src/viewer/contract/viewer-error.ts'
import { Pump } from '../../src/viewer/sending/pump.ts'
import type { ViewerContext } from '../../src/gateway/browser/viewer/viewer-context.ts'
import { PointerMessages } from '../../src/viewer/sending-end.ts'
import { MediaMessages } from '../../src/viewer/web-port/packets.ts'
import { BrowserMedia } from '../../src/gateway/browser/browser-media.ts'
import type { Pipe } from '../../src/kernel/pipe.ts'
import { openMemoryPipe } from '../../src/kernel/memory-pipe.ts'
import { createReturnDesk } from '../../src/conversation/return/return-desk.ts'
import type { OfferedIceServers } from '../../src/conversation/contract/offered-ice-servers.ts'
import type { MediaDoor } from '../../src/conversation/contract/media-door.ts'
import { SignalConversation, type SignalConversationOptions } from '../../src/conversation/signal-conversation.ts'

export const olga: Member = { id: 'olga', name: 'Olga', role: 'owner', lobbies: 'all' }
export const vera: Member = { id: 'vera', name: 'Vera', role: 'viewer', lobbies: 'all' }

interface ConverseOptions {
  readonly member: Member
  readonly isPlain: boolean
  /** The media of another gateway than the browsers'. */
  readonly openMedia: SignalConversationOptions<MediaDoor>['openMedia']
}

/** A host in virtual time, and conversations with it that never offer media. */
export async function openSignallingRig(t: TestContext) {
  const memory = await openMemoryHost()
  t.after(() => memory[Symbol.asyncDispose]())
  const { host, clock, events } = memory
  const nowUs = () => clock.nowMs() * 1000
  const context: ViewerContext = {
    viewerProcess: {
      open() {
        throw new ViewerError('process-failed', 'Cannot open a viewer: there is no network in virtual time')
      },
      offence() {},
    },
    messages: new MediaMessages(),
    pointers: new PointerMessages(),
    gateway: 'browser',
    pump: new Pump({ clock, nowUs }),
    counters: createCounters(),
    captureToPacketMs: new DurationWindow(1),
    clock,
    nowUs,
    random32: () => 1,
    log: silentLog,
  }
  const recordings: string[] = []
  const watch = {
    plan: planConversation(signalling, 'host'),
    epochMs: () => clock.epochMs(),
    keepRecording: (_sessionId: string, recording: string) => void recordings.push(recording),
  }
  const ice: { offered: OfferedIceServers } = { offered: { servers: [] } }
  const desk = createReturnDesk({ clock, randomBytes })
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const lobbyId = lobby.id
  /** A conversation on a pipe, whatever carries that. */
  const converse = (pipe: Pipe, { member = olga, isPlain = false, openMedia }: Partial<ConverseOptions> = {}) => {
    const conversation = new SignalConversation<MediaDoor>(
      {
        host,
        member,
        pipe,
        isPlain,
        openMedia: openMedia ?? ((door) => new BrowserMedia({ ...door, context, isPlain, tickets: desk.media })),
        desk,
        iceServers: () => ice.offered,
        watch,
        clock,
        log: silentLog,
        gateway: 'browser',
        onFault: () => context.counters.faults++,
      },
      host.createSession(member),
    )
    conversation.begin()
    return conversation
  }
  /** Somebody who comes in from within this process. */
  const arrive = (member: Member = olga, { isPlain = false } = {}) => {
    const [near, far] = openMemoryPipe()
    const client = new PipeClient(far)
    const conversation = converse(near, { member, isPlain })
    const ready = client.last('ready')
    return { client, conversation, sessionId: ready?.id ?? '', resumeToken: ready?.resumeToken ?? '' }
  }
  /** Somebody who was in the lobby and is lost. */
  const loseOne = async () => {
    const lost = arrive()
    lost.client.says({ type: 'join', lobbyId })
    await settled()
    lost.client.leaves()
    await lost.conversation.ended
    return lost
  }
  const resume = async (asked: { readonly sessionId: string; readonly resumeToken: string }, member: Member = olga) => {
    const back = arrive(member)
    const { sessionId, resumeToken } = asked
    back.client.says({ type: 'reconnect', sessionId, resumeToken })
    await settled()
    return { ...back, ack: back.client.last('reconnect-ack') }
  }
  const causeOf = (id: string) => events.find((event) => event.type === 'StopStream' && event.sessionId === id)
  return { host, clock, events, context, desk, ice, recordings, lobbyId, converse, arrive, loseOne, resume, causeOf }
}
