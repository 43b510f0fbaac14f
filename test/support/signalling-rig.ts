import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { MemorySocket } from './memory-socket.ts'
import type { Member } from '../../src/domain/member.ts'
import { openMemoryHost } from '../../src/host/memory/memory-host.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { planConversation } from '../../src/kernel/monitor/conversation.ts'
import { until } from '../../src/kernel/readable.ts'
import { DurationWindow } from '../../src/kernel/duration-window.ts'
import type { ServerMessage } from '../../src/wire/signal/messages.ts'
import { signalling } from '../../src/wire/signal/protocol.ts'
import { createCounters } from '../../src/viewer/gateway-counters.ts'
import { ViewerError } from '../../src/viewer/viewer-error.ts'
import { Pump } from '../../src/viewer/sending/pump.ts'
import type { ViewerContext } from '../../src/gateway/browser/viewer/viewer-context.ts'
import { MediaTickets } from '../../src/conversation/return/media-tickets.ts'
import { PointerMessages } from '../../src/viewer/sending-end.ts'
import { MediaMessages } from '../../src/viewer/web-port/packets.ts'
import type { MediaGrant } from '../../src/gateway/browser/web-media/web-media-lane.ts'
import { ResumeTickets } from '../../src/conversation/return/resume-tickets.ts'
import { SignalConversation } from '../../src/gateway/browser/signal/signal-conversation.ts'

export const olga: Member = { id: 'olga', name: 'Olga', role: 'owner', lobbies: 'all' }
export const vera: Member = { id: 'vera', name: 'Vera', role: 'viewer', lobbies: 'all' }

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
  const tickets = new ResumeTickets({ clock, randomBytes })
  const mediaTickets = new MediaTickets<MediaGrant>({ clock, randomBytes })
  const lobby = await host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const lobbyId = lobby.id
  const arrive = (member: Member = olga, socket = new MemorySocket()) => {
    const session = host.createSession(member)
    const conversation = new SignalConversation(
      { host, member, socket: socket.socket, context, tickets, mediaTickets, iceServers: [], watch },
      session,
    )
    conversation.begin()
    const ready = socket.last('ready') as Extract<ServerMessage, { type: 'ready' }>
    return { socket, conversation, sessionId: ready.id, resumeToken: ready.resumeToken ?? '' }
  }
  /** Somebody who was in the lobby and is lost. */
  const loseOne = async () => {
    const lost = arrive()
    lost.socket.says({ type: 'join', lobbyId })
    await settled()
    lost.socket.leaves()
    await lost.conversation.ended
    return lost
  }
  const resume = async (asked: { readonly sessionId: string; readonly resumeToken: string }, member: Member = olga) => {
    const back = arrive(member)
    const { sessionId, resumeToken } = asked
    back.socket.says({ type: 'reconnect', sessionId, resumeToken })
    await settled()
    return { ...back, ack: back.socket.last('reconnect-ack') }
  }
  const causeOf = (id: string) => events.find((event) => event.type === 'StopStream' && event.sessionId === id)
  return { host, clock, events, context, tickets, recordings, lobbyId, arrive, loseOne, resume, causeOf }
}
