import { causeOfSessionEnd, mayReturnAfter, sessionCauseOf, type EndCause } from '../../conversation/end-cause.ts'
import { claim } from '../../conversation/return/resume-tickets.ts'
import type { ReturnDesk } from '../../conversation/return/return-desk.ts'
import { bringBack, whereaboutsOf } from '../../conversation/return/whereabouts.ts'
import type { Member } from '../../domain/member.ts'
import { usualCodec, type VideoCodec } from '../../domain/video-codec.ts'
import type { Host } from '../../host/contract/host.ts'
import type { StreamSession } from '../../host/contract/stream-session.ts'
import { CodedError } from '../../kernel/coded-error.ts'
import type { Clock } from '../../kernel/clock.ts'
import { DurationWindow } from '../../kernel/duration-window.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import type { LinkConditions } from '../../net/link/simulated-link.ts'
import { createCounters, type GatewayCounters } from '../../viewer/contract/gateway-counters.ts'
import { Pump } from '../../viewer/sending/pump.ts'
import { nearEnd, PointerMessages } from '../../viewer/sending-end.ts'
import { SessionPath } from '../../viewer/session-path.ts'
import { SessionViewer, type SessionViewerOptions } from '../../viewer/session-viewer.ts'
import { Viewer } from '../../viewer/sending/viewer.ts'
import type { ViewerStatistics } from '../../viewer/contract/viewer-events.ts'
import { answerBytes, type MemoryAnswer } from './answers.ts'
import { MemoryClient } from './memory-client.ts'
import { MemoryLink } from './memory-path.ts'
import { MemoryPackets } from './packets.ts'
import { openMemoryWire, type MemoryDatagram, type MemoryManner, type MemoryWire } from './wire.ts'

export interface MemoryGatewayOptions {
  readonly host: Host
  readonly clock: Clock
  /** The clock of `AccessUnit.captureUs`, in microseconds. */
  readonly nowUs: () => number
  readonly log: Log
  /** Where sessions that were lost are found again, by this way in or another. */
  readonly desk: ReturnDesk
}

/** How somebody comes in. */
export interface MemoryArrival {
  /** Best first; the usual one unless given. */
  readonly codecs?: readonly VideoCodec[]
  readonly audio?: boolean
  readonly manner?: Partial<MemoryManner>
  readonly down?: Partial<LinkConditions>
  readonly up?: Partial<LinkConditions>
  /** Decides what is lost. */
  readonly seed?: number
  /** What an earlier connection was given, to come back to its session. */
  readonly resume?: { readonly sessionId: string; readonly token: string }
}

/** One connection of somebody who was let in: both of its ends. */
export interface MemoryConnection {
  readonly session: StreamSession
  /** The end of whoever watches. */
  readonly client: MemoryClient
  readonly viewer: SessionViewer
  /** May change on the way. */
  readonly down: LinkConditions
  readonly up: LinkConditions
  /** Good once, for a minute after the connection was lost. */
  readonly resumeToken: string
  /** The latest, once there were any. */
  readonly statistics: ViewerStatistics | undefined
  /** What could not be done, by its code. */
  readonly refusals: readonly string[]
  /** Why it ended, once it has. */
  readonly ended: Promise<EndCause>
  /** The two ends reach each other by another path from now on, with other conditions. */
  move(to: string, conditions: Partial<LinkConditions>): void
  /** Says goodbye. */
  leave(): Promise<void>
  /** Nothing arrives any more, in either direction, and this end is told so, as when a socket breaks. */
  cut(): Promise<void>
}

/** A way in without sockets: the same viewers as on any other wire, over simulated links, in real or virtual time. */
export interface MemoryGateway extends Closable {
  /**
   * Lets a member in. Throws HostError as `Host.createSession` does. With a good `resume`, the session is where it was.
   */
  connect(member: Member, arrival?: MemoryArrival): Promise<MemoryConnection>
  readonly counters: Readonly<GatewayCounters>
  readonly connections: number
}

const ordinary: MemoryManner = { repair: 'resend', rateKnownBy: 'arrivals', whenSilent: 'hold' }
const latencyWindow = 1024

export function openMemoryGateway(options: MemoryGatewayOptions): MemoryGateway {
  const { host, clock, nowUs, log, desk } = options
  const counters = createCounters()
  const parts = {
    clock,
    nowUs,
    log,
    counters,
    gateway: 'memory' as const,
    pump: new Pump({ clock, nowUs }),
    captureToPacketMs: new DurationWindow(latencyWindow),
  }
  const packets = new MemoryPackets()
  const pointers = new PointerMessages()
  const open = new Set<{ end(cause: EndCause): Promise<void> }>()

  /** The session that somebody comes back to, in its place, or a fresh one. */
  const sessionFor = async (
    member: Member,
    resume: MemoryArrival['resume'],
    refuse: (error: unknown) => void,
  ): Promise<StreamSession> => {
    const redeemed = resume && desk.sessions.redeem({ ...resume, memberId: member.id })
    if (!redeemed) return host.createSession(member)
    const stay = await claim(redeemed)
    let session: StreamSession
    try {
      session = host.createSession(member, { id: redeemed.sessionId })
    } catch (error) {
      // There is no room now: there may be later.
      redeemed.putBack(stay, Promise.resolve())
      throw error
    }
    await bringBack(session, stay, refuse)
    return session
  }

  const connect = async (member: Member, arrival: MemoryArrival = {}): Promise<MemoryConnection> => {
    const { codecs = [usualCodec], audio = true, seed = 1 } = arrival
    const manner = { ...ordinary, ...arrival.manner }
    const refusals: string[] = []
    const session = await sessionFor(member, arrival.resume, (error) => {
      refusals.push(error instanceof CodedError ? error.code : 'internal')
    })
    const done = Promise.withResolvers<EndCause>()
    let cause: EndCause | undefined
    let statistics: ViewerStatistics | undefined
    let wire: MemoryWire | undefined
    let place = 'memory'
    const down = new MemoryLink<MemoryDatagram>({
      conditions: arrival.down ?? {},
      seed,
      clock,
      take: (datagram) => client.take(datagram),
    })
    const up = new MemoryLink<MemoryAnswer>({
      conditions: arrival.up ?? {},
      seed: seed + 1,
      clock,
      take: (answer) => wire?.take(answer),
    })
    const fault = (code: string, message: string) => void end({ kind: 'fault', code, message })
    const openEnd: SessionViewerOptions['open'] = (events, intake) => {
      const ends = () => ({ local: `here ${place}`, remote: `there ${place}` })
      const viewer = new Viewer({
        parts,
        limitBps: 0,
        events,
        openWire: (wireEvents) => {
          const opened = openMemoryWire({
            manner,
            down,
            packets,
            codecs,
            audio,
            events: wireEvents,
            intake,
            ends,
          })
          wire = opened
          return opened
        },
      })
      return nearEnd(viewer, pointers)
    }
    const viewer = new SessionViewer({
      context: parts,
      session,
      wish: { codecs, audio },
      showsPointers: true,
      path: new SessionPath({ observe: (fact) => session.observe({ ...fact, gateway: parts.gateway }) }),
      refuse: (code) => void refusals.push(code),
      fault,
      onStatistics: (latest) => {
        statistics = latest
      },
      open: openEnd,
    })
    const client = new MemoryClient({ manner, clock, say: (answer) => up.send(answer, answerBytes) })
    const end = async (why: EndCause) => {
      if (cause) return
      cause = why
      const stay = whereaboutsOf(session)
      if (why.kind === 'fault') {
        counters.faults++
        session.observe({ ...why, gateway: parts.gateway })
      }
      if (mayReturnAfter(why)) desk.sessions.keep(session.id, stay, session.closed)
      else desk.sessions.drop(session.id)
      down.cut()
      up.cut()
      client.close()
      open.delete(connection)
      await viewer.close(why.kind)
      await session.close(sessionCauseOf(why))
      done.resolve(why)
    }
    const connection = { end }
    open.add(connection)
    const resumeToken = desk.sessions.issue({
      id: session.id,
      memberId: member.id,
      former: undefined,
      surrender: async () => {
        const stay = whereaboutsOf(session)
        await end({ kind: 'surrendered' })
        return stay
      },
    })
    void viewer.closed.then((ended) => (ended.kind === 'error' ? end({ kind: 'lost' }) : undefined))
    void session.closed.then((ended) => end(causeOfSessionEnd(ended)))
    return {
      session,
      client,
      viewer,
      down: down.conditions,
      up: up.conditions,
      resumeToken,
      get statistics() {
        return statistics
      },
      refusals,
      ended: done.promise,
      move(to, conditions) {
        place = to
        Object.assign(down.conditions, conditions)
      },
      leave: () => end({ kind: 'left' }),
      cut: () => end({ kind: 'lost' }),
    }
  }

  const ending = new Ending(async () => {
    await Promise.all([...open].map((connection) => connection.end({ kind: 'gateway-closed' })))
  })
  return {
    connect,
    counters,
    get connections() {
      return open.size
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
