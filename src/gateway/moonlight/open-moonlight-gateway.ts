import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Member } from '../../domain/member.ts'
import type { Host } from '../../host/contract/host.ts'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { encrypted, streamedCodec } from '../../wire/moonlight/stream-offer.ts'
import type { ViewerProcesses } from '../../viewer/open-viewer-processes.ts'
import type { GatewayFigures } from '../../viewer/contract/gateway-figures.ts'
import { Pump } from '../../viewer/sending/pump.ts'
import { NvHttp, type NvGuest } from './http/nv-http.ts'
import { openNvListeners } from './http/open-nv-listeners.ts'
import { LaunchDesk } from './stays/launch-desk.ts'
import { Launches } from './launch/launches.ts'
import { Stays } from './stays/stays.ts'
import { MoonlightError } from './contract/moonlight-error.ts'
import { PairingDesk, type PairingRequest } from './pairing/pairing-desk.ts'
import { openRtspListener } from './rtsp/open-rtsp-listener.ts'
import { RtspDesk } from './rtsp/rtsp-desk.ts'
import { MoonlightStream, type KeepRecording } from './stream/moonlight-stream.ts'
import { titlesOf } from './stays/titles.ts'

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

const h264 = 1
const largest = { width: 3840, height: 2160 }

/** Opens the gateway. Rejects with MoonlightError `port-in-use`. */
export async function openMoonlightGateway(options: MoonlightGatewayOptions): Promise<MoonlightGateway> {
  const { host, clock, credentials, devices, log, nowUs, randomBytes, bindAddress, ports, lets } = options
  const pump = new Pump({ clock, nowUs })
  const { counters, captureToPacketMs } = options.viewerProcess.measures.moonlight
  const context = { pump, nowUs, counters, log, clock, gateway: 'moonlight' as const }
  const stays = new Stays(clock)

  const pairing = new PairingDesk({
    host: {
      certificate: new X509Certificate(credentials.certificate),
      pem: credentials.certificate,
      key: createPrivateKey(credentials.key),
    },
    clock,
    randomBytes,
    keep: ({ fingerprint }, { member, deviceName }) => devices.pair({ fingerprint, member, name: deviceName }),
    onViolation: ({ message }, address) =>
      log.warn('A client that wanted to pair broke the protocol', { address, error: message }),
    onEnded: (requestId, recording) => options.keepRecording?.(`pairing-${requestId}`, recording),
  })
  const launches = new Launches({
    clock,
    onExpired({ id, fingerprint }) {
      // One that a newer launch has taken the place of ends nothing of that.
      const stay = stays.get(fingerprint)
      if (stay?.launchId === id) void stay.stream.close('disconnected')
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
        void stay.stream.close('disconnected')
        return false
      }
    },
    onViolation(violation, { fingerprint }) {
      const stay = stays.get(fingerprint)
      const fault = { kind: 'fault', code: 'protocol-violation', message: violation.message } as const
      stay?.stream.session.observe({ ...fault, gateway: context.gateway })
      void stay?.stream.close('disconnected')
    },
    onUnfinished(recording, { id, fingerprint }) {
      const stay = stays.get(fingerprint)
      if (stay?.launchId === id) options.keepRecording?.(stay.stream.session.id, recording)
    },
  })

  const launchDesk = new LaunchDesk({
    host,
    stays,
    launches,
    randomBytes,
    openStream: (session) =>
      new MoonlightStream({
        context,
        viewerProcess: options.viewerProcess,
        session,
        keepRecording: options.keepRecording,
      }),
  })
  const guest = async (fingerprint: string): Promise<NvGuest | undefined> => {
    const member = await devices.admit(fingerprint)
    if (member === undefined) return undefined
    const titles = () => titlesOf(host, member)
    return {
      titles: () => [...titles()].map(([id, { name }]) => ({ id, name })),
      still: async (titleId) => {
        const title = titles().get(titleId)
        return title?.kind === 'lobby' ? (await host.lobbies.get(title.id)?.still())?.jpeg : undefined
      },
      get current() {
        const lobbyId = stays.lobbyOf(fingerprint)
        return [...titles()].find(([, { kind, id }]) => kind === 'lobby' && id === lobbyId)?.[0] ?? 0
      },
      async launch(request, address, verb) {
        const refusal = refusalOfSize(request)
        if (refusal !== undefined) throw new MoonlightError('malformed', refusal)
        await launchDesk.launch({ fingerprint, member, address }, request, verb)
      },
      cancel: () => stays.end(fingerprint, 'left'),
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
  const doorkeeper = { lets, onCrowded: crowdLog(log, clock) }
  const listeners = await openNvListeners({
    host: bindAddress,
    ports,
    credentials,
    doorkeeper,
    answer: (request) => http.answer(request),
  })
  const rtsp = await openRtspListener({ host: bindAddress, port: ports.rtsp, doorkeeper, desk }).catch(
    async (error: unknown) => {
      await Promise.all([listeners.http.close(), listeners.https.close()])
      throw error
    },
  )
  const ending = new Ending(async () => {
    pairing.close()
    launches.close()
    desk.close()
    await stays.close()
    await Promise.all([listeners.http.close(), listeners.https.close(), rtsp.close()])
  })

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
      return stays.open.length
    },
    get targetBitratesBps() {
      return stays.open.map(({ targetBps }) => targetBps)
    },
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}

/** Says in the log, once a minute at most, who has so many connections that some of them were ended. */
function crowdLog(log: Log, clock: Clock): (address: string) => void {
  let ended = 0
  let toldMs = -Infinity
  return (address) => {
    ended++
    if (clock.nowMs() - toldMs < 60_000) return
    log.warn("Connections to Moonlight's ports were ended to make room", { address, ended })
    toldMs = clock.nowMs()
    ended = 0
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
