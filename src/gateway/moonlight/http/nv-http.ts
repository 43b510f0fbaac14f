import { messageOf } from '../../../kernel/coded-error.ts'
import { readLaunchRequest, type LaunchRequest } from '../../../wire/moonlight/launch-request.ts'
import { encodeXmlAnswer, type XmlAnswer, type XmlElement } from '../../../wire/moonlight/xml-answer.ts'
import { WireError } from '../../../wire/wire-error.ts'
import { MoonlightError } from '../contract/moonlight-error.ts'
import type { PairingDesk } from '../pairing/pairing-desk.ts'

/** What a client asks over HTTP or HTTPS. */
export interface NvRequest {
  readonly path: string
  readonly query: URLSearchParams
  readonly address: string
  /** The host's own, by which the client has reached it. */
  readonly localAddress: string
  /** Of the certificate that the client has shown; undefined over plain HTTP. */
  readonly fingerprint: string | undefined
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

export type NvAnswer =
  | { readonly type: 'text/xml'; readonly body: string }
  | { readonly type: 'image/jpeg'; readonly body: Uint8Array }

/** Something that a client can begin: a lobby that runs, or an app that can be started. */
export interface NvTitle {
  /** 1 to 2^31-1, the same for ever. */
  readonly id: number
  readonly name: string
}

/** Somebody whose certificate counts, as of now. */
export interface NvGuest {
  readonly titles: () => readonly NvTitle[]
  /** A small picture of it; undefined where there is none. */
  readonly still: (titleId: number) => Promise<Uint8Array | undefined>
  /** The title that a client of this certificate is in; 0 for none. */
  readonly current: number
  /** Promises a stream. Rejects with what is shown to people. */
  readonly launch: (request: LaunchRequest, address: string, verb: 'launch' | 'resume') => Promise<void>
  /** Ends the client's own stream. */
  readonly cancel: () => Promise<void>
}

export interface NvHttpOptions {
  readonly hostName: string
  /** Stays the same for ever: clients know the host by it. */
  readonly hostId: string
  readonly ports: { readonly http: number; readonly https: number; readonly rtsp: number }
  /** Bits of what can be streamed; 1 is H.264. */
  readonly codecModes: number
  readonly pairing: PairingDesk
  readonly certificatePem: string
  /** Undefined for a certificate that nobody has paired, or that was revoked. */
  readonly guest: (fingerprint: string) => Promise<NvGuest | undefined>
}

/** With these numbers clients know which of their protocol's dialects to speak; the fourth says that extensions are understood. */
const protocolVersion = '7.1.431.-1'
const companionVersion = '3.23.0.74'

const notPaired = 401
const failed = 400
const unavailable = 503

/** The questions of GameStream over HTTP, and over HTTPS from those who are paired. */
export class NvHttp {
  readonly #options: NvHttpOptions

  constructor(options: NvHttpOptions) {
    this.#options = options
  }

  /** Never rejects; what fails is told to the client. */
  async answer(request: NvRequest): Promise<NvAnswer> {
    try {
      return await this.#answer(request)
    } catch (error) {
      // Errors of the part's own are for people; any other tells nothing of the inside.
      const isTold = error instanceof MoonlightError || error instanceof WireError
      const message = isTold ? messageOf(error) : 'The host could not do this'
      if (request.path === '/pair') return xml({ status: failed, message, elements: [['paired', 0]] })
      return xml({ status: isTold ? failed : unavailable, message })
    }
  }

  async #answer(request: NvRequest): Promise<NvAnswer> {
    const guest = request.fingerprint === undefined ? undefined : await this.#options.guest(request.fingerprint)
    switch (request.path) {
      case '/serverinfo':
        return xml({ status: 200, elements: this.#serverInfo(request, guest) })
      case '/pair':
        return xml(await this.#pair(request, guest))
      case '/unpair':
        return xml({ status: 200 })
      case '/applist':
        return guest ? xml({ status: 200, elements: appList(guest) }) : unpaired(request)
      case '/appasset':
        return guest ? await this.#still(request, guest) : unpaired(request)
      case '/launch':
      case '/resume':
        return guest ? await this.#launch(request, guest) : unpaired(request)
      case '/cancel':
        if (guest === undefined) return unpaired(request)
        await guest.cancel()
        return xml({ status: 200, elements: [['cancel', 1]] })
      default:
        return xml({ status: 404, message: 'There is nothing of this name' })
    }
  }

  /** Over plain HTTP anybody is told the same. */
  #serverInfo({ localAddress }: NvRequest, guest: NvGuest | undefined): XmlElement[] {
    const { hostName, hostId, ports, codecModes } = this.#options
    const current = guest?.current ?? 0
    return [
      ['hostname', hostName],
      ['appversion', protocolVersion],
      ['GfeVersion', companionVersion],
      ['uniqueid', hostId],
      ['HttpsPort', ports.https],
      ['ExternalPort', ports.http],
      ['mac', '00:00:00:00:00:00'],
      ['MaxLumaPixelsHEVC', 0],
      ['LocalIP', localAddress],
      ['ServerCodecModeSupport', codecModes],
      ['PairStatus', guest === undefined ? 0 : 1],
      ['currentgame', current],
      ['state', current === 0 ? 'SUNSHINE_SERVER_FREE' : 'SUNSHINE_SERVER_BUSY'],
    ]
  }

  async #pair(request: NvRequest, guest: NvGuest | undefined): Promise<XmlAnswer> {
    const { pairing, certificatePem } = this.#options
    const { query, address } = request
    if (query.get('phrase') === 'pairchallenge') {
      return { status: 200, elements: [['paired', guest === undefined ? 0 : 1]] }
    }
    // All clients call themselves the same.
    const client = `${address} ${query.get('uniqueid') ?? ''}`.slice(0, 100)
    if (query.get('phrase') === 'getservercert') {
      const { signal } = request
      const isBegun = await pairing.begin(
        client,
        address,
        query.get('salt') ?? '',
        query.get('clientcert') ?? '',
        signal,
      )
      if (!isBegun) return { status: failed, message: 'Nobody typed the PIN', elements: [['paired', 0]] }
      return paired(['plaincert', Buffer.from(certificatePem).toString('hex')])
    }
    const challenge = query.get('clientchallenge')
    if (challenge !== null) return paired(['challengeresponse', pairing.challenge(client, challenge)])
    const answer = query.get('serverchallengeresp')
    if (answer !== null) return paired(['pairingsecret', pairing.answer(client, answer)])
    const secret = query.get('clientpairingsecret')
    if (secret !== null) {
      const isProved = await pairing.prove(client, secret)
      return { status: 200, elements: [['paired', isProved ? 1 : 0]] }
    }
    throw new MoonlightError('malformed', 'Cannot pair: there is no such step')
  }

  async #still({ query }: NvRequest, guest: NvGuest): Promise<NvAnswer> {
    const body = await guest.still(Number(query.get('appid')))
    return body === undefined
      ? xml({ status: 404, message: 'There is no picture of it' })
      : { type: 'image/jpeg', body }
  }

  async #launch({ path, query, address }: NvRequest, guest: NvGuest): Promise<NvAnswer> {
    const request = readLaunchRequest(query)
    try {
      await guest.launch(request, address, path === '/resume' ? 'resume' : 'launch')
    } catch (error) {
      return xml({ status: unavailable, message: messageOf(error), elements: [['gamesession', 0]] })
    }
    const scheme = request.encryptsRtsp ? 'rtspenc' : 'rtsp'
    return xml({
      status: 200,
      elements: [
        // Clients dial the address that they used, and take from here the scheme and the port alone.
        ['sessionUrl0', `${scheme}://0.0.0.0:${this.#options.ports.rtsp}`],
        [path === '/resume' ? 'resume' : 'gamesession', 1],
      ],
    })
  }
}

function paired(element: XmlElement): XmlAnswer {
  return { status: 200, elements: [['paired', 1], element] }
}

function appList(guest: NvGuest): XmlElement[] {
  return guest.titles().map(({ id, name }) => [
    'App',
    [
      ['IsHdrSupported', 0],
      ['AppTitle', name],
      ['ID', id],
    ],
  ])
}

/** What a client takes for a host that has forgotten it: it offers to pair. */
function unpaired({ path }: NvRequest): NvAnswer {
  return xml({ status: notPaired, message: `The client is not authorized: pair it first (${path})` })
}

function xml(answer: XmlAnswer): NvAnswer {
  return { type: 'text/xml', body: encodeXmlAnswer(answer) }
}
