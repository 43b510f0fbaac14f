import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Member } from '../../domain/member.ts'
import { may, mayEnter } from '../../domain/rights.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import type { LaunchRequest } from '../../wire/moonlight/launch-request.ts'
import { encrypted, streamedCodec } from '../../wire/moonlight/stream-offer.ts'
import type { ViewerProcesses } from '../../viewer/open-viewer-processes.ts'
import type { GatewayFigures } from '../../viewer/contract/gateway-figures.ts'
import { Pump } from '../../viewer/sending/pump.ts'
import { NvHttp, type NvGuest } from './http/nv-http.ts'
import { openNvListeners } from './http/open-nv-listeners.ts'
import { Launches } from './launch/launches.ts'
import { MoonlightError } from './contract/moonlight-error.ts'
import { PairingDesk, type PairingRequest } from './pairing/pairing-desk.ts'
import { openRtspListener } from './rtsp/open-rtsp-listener.ts'
import { RtspDesk } from './rtsp/rtsp-desk.ts'
import { MoonlightStream, type KeepRecording } from './stream/moonlight-stream.ts'
import { numbered, type Title } from './title-ids.ts'

/** Members' clients, known by the certificate that they show. */
export interface ClientDevices {
  /** As whom a certificate comes in now; undefined for one that counts for nobody. `fingerprint`: SHA-256, hexadecimal. */
  readonly admit: (fingerprint: string) => Promise<Member | undefined>
  /** Makes it a device of the member. Rejects with what is shown to people. */
  readonly pair: (device: {
    readonly fingerprint: string
    readonly member: Member
    readonly name: string
  }) => Promise<void>
}

export interface MoonlightGatewayOptions {
  readonly host: Host
  readonly viewerProcess: Pick<ViewerProcesses, 'open' | 'measures'>
  readonly devices: ClientDevices
  /** What clients call this host. */
  readonly name: string
  /** Its number for them: 16 hexadecimal digits that stay. */
  readonly id: string
  /** By which they know it: an RSA key of 2,048 bits and its certificate, PEM, that stay. */
  readonly credentials: { readonly certificate: string; readonly key: string }
  /** The address that the ports are bound to. */
  readonly bindAddress: string
  readonly ports: { readonly http: number; readonly https: number; readonly rtsp: number; readonly udp: number }
  /** Who may connect at all. */
  readonly lets: (address: string) => boolean
  readonly clock: Clock
  readonly nowUs: () => number
  readonly log: Log
  readonly randomBytes: (count: number) => Uint8Array
  /** Takes the recording of each conversation that has ended; nothing is recorded without it. */
  readonly keepRecording?: KeepRecording | undefined
  /** Clients came or went that wait for their PIN. */
  readonly onPairingsChange: () => void
}

/** The way in for stock Moonlight clients. */
export interface MoonlightGateway extends Closable, GatewayFigures {
  readonly ports: { readonly http: number; readonly https: number; readonly rtsp: number }
  /** Clients that show a PIN and wait for it to be typed. */
  readonly pairings: readonly PairingRequest[]
  /** Types what a client shows. Throws MoonlightError `pairing-not-found` or `pin-invalid`. */
  typePin(
    pairingId: string,
    given: { readonly pin: string; readonly member: Member; readonly deviceName: string },
  ): void
  /** Sends a client away that waits. Throws MoonlightError `pairing-not-found`. */
  refusePairing(pairingId: string): void
}

/** A seat, and the lobby that a client was in, wait for it so long. */
const comesBackWithinMs = 60_000
const h264 = 1
const largest = { width: 3840, height: 2160 }

interface Stay {
  readonly stream: MoonlightStream
  readonly titleId: number
  /** The launch that it was promised by. */
  readonly launchId: string
}

/** Opens the gateway. Rejects with MoonlightError `port-in-use`. */
export async function openMoonlightGateway(options: MoonlightGatewayOptions): Promise<MoonlightGateway> {
  const { host, clock, credentials, devices, log, nowUs, randomBytes, bindAddress, ports, lets } = options
  const pump = new Pump({ clock, nowUs })
  const { counters, captureToPacketMs } = options.viewerProcess.measures.moonlight
  const context = { pump, nowUs, counters, log, clock, gateway: 'moonlight' as const }
  /** By the certificate of the client. */
  const stays = new Map<string, Stay>()
  /** Where clients were that have lost their stream a moment ago. */
  const left = new Map<string, { readonly lobbyId: string; readonly titleId: number }>()

  const pairing = new PairingDesk({
    host: {
      certificate: new X509Certificate(credentials.certificate),
      pem: credentials.certificate,
      key: createPrivateKey(credentials.key),
    },
    clock,
    randomBytes,
    keep: ({ fingerprint }, { member, deviceName }) => devices.pair({ fingerprint, member, name: deviceName }),
    onChange: options.onPairingsChange,
  })
  const launches = new Launches({
    clock,
    onExpired({ id, fingerprint }) {
      // One that a newer launch has taken the place of ends nothing of that.
      const stay = stays.get(fingerprint)
      if (stay?.launchId === id) void stay.stream.close('the client did not begin')
    },
  })
  const desk = new RtspDesk({
    launches,
    offer: {
      encryption: { supported: encrypted.control | encrypted.video | encrypted.audio, requested: 0 },
      hevc: false,
      av1: false,
    },
    udpPort: ports.udp,
    clock,
    randomBytes,
    refuses: ({ codec, width, height }) => {
      if (codec !== streamedCodec) return 'This host streams H.264 alone'
      return refusalOfSize({ width, height })
    },
    onAgreed(stream) {
      const stay = stays.get(stream.launch.fingerprint)
      if (!launches.take(stream.launch.id) || stay === undefined) return false
      try {
        stay.stream.begin(stream)
        return true
      } catch (error) {
        log.warn('A Moonlight client was turned away', { error: messageOf(error) })
        void stay.stream.close('turned away')
        return false
      }
    },
    onViolation(violation, { fingerprint }) {
      const stay = stays.get(fingerprint)
      const fault = { kind: 'fault', code: 'protocol-violation', message: violation.message } as const
      stay?.stream.session.observe({ ...fault, gateway: context.gateway })
      void stay?.stream.close('the client broke the protocol')
    },
    onUnfinished(recording, { id, fingerprint }) {
      const stay = stays.get(fingerprint)
      if (stay?.launchId === id) options.keepRecording?.(stay.stream.session.id, recording)
    },
  })

  const titlesOf = (member: Member): ReadonlyMap<number, Title> => {
    const lobbies = [...host.lobbies.values()]
      .filter(({ id, status }) => mayEnter(member, id) && status.value.status !== 'ended')
      .map(({ id, settings }): Title => ({ kind: 'lobby', id, name: settings.value.title }))
    const apps = may(member.role, 'manage-lobbies')
      ? host.apps
          .filter(({ unavailable }) => unavailable === undefined)
          .map(({ id, title }): Title => ({ kind: 'app', id, name: `Start ${title}` }))
      : []
    return numbered([...lobbies, ...apps])
  }

  /** The lobby that a client wants to be in: one that runs, one to be started, or the one that it has lost. */
  const lobbyFor = async (title: Title | undefined, request: LaunchRequest): Promise<string> => {
    if (title === undefined) throw new MoonlightError('malformed', 'This is not there any more: look at the list again')
    if (title.kind === 'lobby') return title.id
    const { width, height, optimizes } = request
    const lobby = await host.createLobby({ appId: title.id, ...(optimizes && { size: { width, height } }) })
    return lobby.id
  }

  const launch = async (
    fingerprint: string,
    member: Member,
    request: LaunchRequest,
    address: string,
  ): Promise<void> => {
    const refusal = refusalOfSize(request)
    if (refusal !== undefined) throw new MoonlightError('malformed', refusal)
    const lost = left.get(fingerprint)
    const titles = titlesOf(member)
    const title = titles.get(request.appId)
    const lobbyId = title === undefined && lost !== undefined ? lost.lobbyId : await lobbyFor(title, request)
    await stays.get(fingerprint)?.stream.close('the client begins anew')
    left.delete(fingerprint)
    const session = host.createSession(member)
    const stream = new MoonlightStream({
      context,
      viewerProcess: options.viewerProcess,
      session,
      keepRecording: options.keepRecording,
    })
    const lobbyTitle = [...titles].find(([, each]) => each.kind === 'lobby' && each.id === lobbyId)
    const launchId = Buffer.from(randomBytes(16)).toString('hex')
    const stay: Stay = { stream, titleId: lobbyTitle?.[0] ?? request.appId, launchId }
    // Two launches of one client at once: the later one counts.
    void stays.get(fingerprint)?.stream.close('the client begins anew')
    stays.set(fingerprint, stay)
    void stream.closed.then(() => {
      if (stays.get(fingerprint) !== stay) return
      stays.delete(fingerprint)
      keepPlace(fingerprint, stay)
    })
    try {
      await session.join(lobbyId)
    } catch (error) {
      await stream.close('there was nothing to show')
      throw error
    }
    if (launches.add({ id: launchId, fingerprint, request, address })) return
    await stream.close('too many wait')
    throw new MoonlightError('too-many-attempts', 'Too many clients begin at once: try again')
  }

  const keepPlace = (fingerprint: string, { stream, titleId }: Stay) => {
    if (stream.lobbyId === undefined) return
    const kept = { lobbyId: stream.lobbyId, titleId }
    left.set(fingerprint, kept)
    clock.after(comesBackWithinMs, () => left.get(fingerprint) === kept && left.delete(fingerprint))
  }
  const guest = async (fingerprint: string): Promise<NvGuest | undefined> => {
    const member = await devices.admit(fingerprint)
    if (member === undefined) return undefined
    const stay = stays.get(fingerprint)
    return {
      titles: () => [...titlesOf(member)].map(([id, { name }]) => ({ id, name })),
      still: async (titleId) => {
        const title = titlesOf(member).get(titleId)
        return title?.kind === 'lobby' ? (await host.lobbies.get(title.id)?.still())?.jpeg : undefined
      },
      current: stay?.titleId ?? left.get(fingerprint)?.titleId ?? 0,
      launch: (request, address) => launch(fingerprint, member, request, address),
      cancel: async () => {
        await stays.get(fingerprint)?.stream.close('the client ended it')
        left.delete(fingerprint)
      },
    }
  }

  const http = new NvHttp({
    hostName: options.name,
    hostId: options.id,
    ports,
    codecModes: h264,
    pairing,
    certificatePem: credentials.certificate,
    guest,
  })
  const listeners = await openNvListeners({
    host: bindAddress,
    ports,
    credentials,
    lets,
    answer: (request) => http.answer(request),
  })
  const rtsp = await openRtspListener({ host: bindAddress, port: ports.rtsp, lets, desk }).catch(
    async (error: unknown) => {
      await Promise.all([listeners.http.close(), listeners.https.close()])
      throw error
    },
  )
  const ending = new Ending(async () => {
    pairing.close()
    launches.close()
    desk.close()
    await Promise.all([...stays.values()].map(({ stream }) => stream.close('the host is closing')))
    await Promise.all([listeners.http.close(), listeners.https.close(), rtsp.close()])
  })
  const open = () => [...stays.values()].filter(({ stream }) => stream.isOpen)

  return {
    ports: { http: listeners.http.port, https: listeners.https.port, rtsp: rtsp.port },
    get pairings() {
      return pairing.requests
    },
    typePin: (pairingId, given) => pairing.type(pairingId, given),
    refusePairing: (pairingId) => pairing.refuse(pairingId),
    counters,
    captureToPacketMs: (share) => captureToPacketMs.percentile(share),
    get viewers() {
      return open().length
    },
    get targetBitratesBps() {
      return open().map(({ stream }) => stream.targetBps)
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

/** Why pictures of such a size cannot be had; undefined when they can. */
function refusalOfSize({ width, height }: { readonly width: number; readonly height: number }): string | undefined {
  if (width > largest.width || height > largest.height) {
    return `This host streams at most ${largest.width}x${largest.height}: choose 1920x1080 or 1280x720`
  }
  const isPossible = width >= 160 && height >= 120 && width % 2 === 0 && height % 2 === 0
  return isPossible
    ? undefined
    : 'This host streams sizes of even numbers from 160x120 on: choose 1920x1080 or 1280x720'
}
