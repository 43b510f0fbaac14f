import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanup } from 'node-datachannel'
import { WebSocketServer } from 'ws'
import type { BrowserGateway } from '../../src/gateway/browser/browser-gateway.ts'
import { createReturnDesk } from '../../src/conversation/return/return-desk.ts'
import { websocketPipe } from '../../src/http/websocket-pipe.ts'
import { openNativeGateway } from '../../src/gateway/native/open-native-gateway.ts'
import { keyPairFrom } from '../../src/net/native/node-crypto.ts'
import { openBrowserGateway } from '../../src/gateway/browser/open-browser-gateway.ts'
import { testPattern } from '../../src/host/apps/test-pattern.ts'
import type { Host } from '../../src/host/contract/host.ts'
import type { HostEvent } from '../../src/host/contract/host-event.ts'
import type { HostLimits } from '../../src/host/host-options.ts'
import type { HostParts } from '../../src/host/contract/host-parts.ts'
import type { Member } from '../../src/domain/member.ts'
import type { MemoryDisplay } from '../../src/host/memory/memory-display.ts'
import { memoryApp, MemoryParts } from '../../src/host/memory/memory-parts.ts'
import { openHost } from '../../src/host/open-host.ts'
import type { Observation } from '../../src/host/contract/stream-session.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog, type Log } from '../../src/kernel/log.ts'
import { until, Writable } from '../../src/kernel/readable.ts'
import { monotonicUs } from '../../src/media/contract/monotonic.ts'
import type { UnitInlets } from '../../src/media/contract/unit-inlets.ts'
import { maxSignalBytes } from '../../src/wire/signal/messages.ts'
import { ticketSubprotocolPrefix, webMediaPath } from '../../src/wire/web-media/subprotocol.ts'
import { RtcReceiver, type RtcReceiverOptions } from './rtc-receiver.ts'
import { ScriptedProducer, type ScriptOptions } from '../../src/host/memory/scripted-producer.ts'

export const owner: Member = { id: 'owner', name: 'Olga', role: 'owner', lobbies: 'all' }
export const viewer: Member = { id: 'viewer', name: 'Vera', role: 'viewer', lobbies: 'all' }

/** A browser gateway over a real host, whose displays and apps are in memory and whose producers are scripted. */
export interface GatewayRig {
  readonly gateway: BrowserGateway
  readonly host: Host
  readonly parts: MemoryParts
  readonly udpPort: number
  /** The producers of lobbies, oldest first. */
  readonly producers: readonly ScriptedProducer[]
  readonly events: readonly HostEvent[]
  /** Address of the signalling socket for a member. */
  url(member: Member): string
  /** Where media sockets are opened. */
  readonly mediaUrl: string
  /** A receiver that has not offered yet; it closes with the test. */
  receiver(member?: Member, options?: Partial<RtcReceiverOptions>): RtcReceiver
  /** A receiver that has been sent a picture. */
  watching(member?: Member, options?: Partial<RtcReceiverOptions>): Promise<RtcReceiver>
  /** The display of a lobby whose app draws. */
  displayOf(lobbyId: string): Promise<MemoryDisplay>
  /** Where the native transport is served, for who wants it. */
  readonly native:
    | { readonly port: number; readonly publicKey: Uint8Array; letIn(publicKey: Uint8Array, member: Member): void }
    | undefined
  observed<Kind extends Observation['kind']>(kind: Kind): Extract<Observation, { kind: Kind }>[]
  close(): Promise<void>
}

/** Opens it on loopback; it closes with the test. */
export async function openGatewayRig(
  t: { after(end: () => Promise<void>): void },
  options: {
    script?: Omit<ScriptOptions, 'clock' | 'nowUs'>
    limits?: Partial<HostLimits>
    log?: Log
    viewerProcesses?: number
    parts?: Partial<HostParts>
    inlets?: UnitInlets
    native?: boolean
  } = {},
): Promise<GatewayRig> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-gateway-'))
  const parts = new MemoryParts()
  const script = { clock: systemClock, nowUs: monotonicUs, ...options.script }
  const producers: ScriptedProducer[] = []
  const host = await openHost({
    parts: {
      openDisplay: (request) => parts.openDisplay(request),
      openScope: () => parts.openScope(),
      openSound: (request) => parts.openSound(request),
      gamepads: parts.gamepads,
      layouts: parts.layouts,
      openProducer: async (id) => {
        const producer = new ScriptedProducer(id, script)
        producers.push(producer)
        return producer
      },
      openWaitingRoom: (id) => new ScriptedProducer(id, { fps: 10, sharedBps: 200_000, ...script }),
      ...options.parts,
    },
    apps: new Writable([memoryApp, testPattern]),
    runDirectory: join(directory, 'run'),
    dataDirectory: join(directory, 'data'),
    environment: {},
    clock: systemClock,
    log: silentLog,
    ...(options.limits && { limits: options.limits }),
  })
  const events: HostEvent[] = []
  host.events.subscribe((event) => events.push(event))
  const udpPort = await freeUdpPort()
  const desk = createReturnDesk({ clock: systemClock, randomBytes })
  const native = options.native === true ? { port: await freeUdpPort(), secret: randomBytes(32) } : undefined
  const gateway = await openBrowserGateway({
    host,
    iceServers: [],
    udp: { port: udpPort, bindAddress: '127.0.0.1' },
    viewerProcesses: options.viewerProcesses ?? 1,
    inlets: options.inlets,
    log: options.log ?? silentLog,
    clock: systemClock,
    nowUs: monotonicUs,
    desk,
    randomBytes,
    ...(native && {
      native: {
        port: native.port,
        bindAddress: '127.0.0.1',
        secret: native.secret.toString('hex'),
        takesStrangers: true,
        policy: 'prefer-direct',
        probesByBirthday: false,
        stunServers: [],
      },
    }),
  })
  const keys = new Map<string, Member>()
  const hex = (publicKey: Uint8Array) => Buffer.from(publicKey).toString('hex')
  const nativeGateway =
    native &&
    openNativeGateway({
      host,
      viewerProcess: gateway.viewerProcess,
      door: {
        knock: (publicKey) => Promise.resolve(keys.get(hex(publicKey))),
        introduce: () => Promise.resolve({ ok: false, code: 'unknown-token', message: 'Nobody is introduced here' }),
      },
      answer: (stream) => void stream.destroy(),
      desk,
      clock: systemClock,
      nowUs: monotonicUs,
      log: options.log ?? silentLog,
      randomBytes,
    })
  const members = new Map<string, Member>()
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    maxPayload: maxSignalBytes,
    handleProtocols: ([first]) => first ?? false,
  })
  await once(server, 'listening')
  server.on('connection', (socket, request) => {
    if (request.url === `/${webMediaPath}`) {
      const ticket = request.headers['sec-websocket-protocol']?.split(ticketSubprotocolPrefix)[1] ?? ''
      const grant = gateway.redeemMedia(ticket)
      if (grant) grant.take(websocketPipe(socket, systemClock), { local: 'tcp here', remote: 'tcp there' })
      else socket.close()
      return
    }
    const member = members.get((request.url ?? '').slice(1))
    if (!member) return
    gateway.accept({ pipe: websocketPipe(socket, systemClock), isPlain: socket.protocol === '', member })
  })
  const receivers = new Set<RtcReceiver>()
  const rig: GatewayRig = {
    gateway,
    host,
    parts,
    udpPort,
    native: native && {
      port: native.port,
      publicKey: keyPairFrom(native.secret).publicKey,
      letIn: (publicKey, member) => void keys.set(hex(publicKey), member),
    },
    producers,
    events,
    url(member) {
      members.set(member.id, member)
      return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/${member.id}`
    },
    get mediaUrl() {
      return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/${webMediaPath}`
    },
    receiver(member = owner, receiverOptions = {}) {
      const receiver = new RtcReceiver({ url: rig.url(member), ...receiverOptions })
      receivers.add(receiver)
      void receiver.closed.then(() => receivers.delete(receiver))
      return receiver
    },
    async watching(member, receiverOptions) {
      const receiver = rig.receiver(member, receiverOptions)
      await receiver.message('ready')
      receiver.offer()
      await receiver.until(({ counts }) => counts.pictures > 0, 'the first picture')
      return receiver
    },
    async displayOf(lobbyId) {
      const lobby = host.lobbies.get(lobbyId)
      if (lobby) await until(lobby.status, ({ status }) => status === 'running')
      const [display] = parts.displays
      if (!display) throw new Error(`No display for lobby ${lobbyId}`)
      return display
    },
    observed: (kind) =>
      events.flatMap((event) =>
        event.type === 'SessionObserved' && event.observation.kind === kind ? [event.observation as never] : [],
      ),
    async close() {
      await Promise.all([...receivers].map((receiver) => receiver.close()))
      await nativeGateway?.close()
      await gateway.close()
      server.close()
      await host.close()
      // Now and then the library never reports the end of a part: what waits for it would keep the process alive.
      cleanup()
      await rm(directory, { recursive: true, force: true })
    },
  }
  t.after(() => rig.close())
  return rig
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => void socket.close(resolve))
  return port
}
