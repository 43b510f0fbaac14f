import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { connect } from 'node:net'
import { moonlightPorts } from '../../../src/server/moonlight/moonlight-ports.ts'
import { peerChannel, unknownPeer, type EnetBody } from '../../../src/wire/enet/enet-command.ts'
import { encodeEnetDatagram } from '../../../src/wire/enet/enet-datagram.ts'
import { ClientIdentity } from './pairing-client.ts'

const host = '127.0.0.1'
const endpoints = ['serverinfo', 'pair', 'unpair', 'applist', 'appasset', 'launch', 'resume', 'cancel', '', '../up']
const names = [
  'uniqueid',
  'phrase',
  'salt',
  'clientcert',
  'clientchallenge',
  'serverchallengeresp',
  'clientpairingsecret',
  'appid',
  'mode',
  'rikey',
  'rikeyid',
  'surroundAudioInfo',
  'corever',
  'sops',
]
const values = [
  '',
  '0',
  '1',
  '-1',
  '4294967296',
  'NaN',
  '1280x720x60',
  '99999x99999x9999',
  '0x0x0',
  'getservercert',
  'pairchallenge',
  '0'.repeat(32),
  'f'.repeat(64),
  'ab'.repeat(2000),
  '%00%ff',
  '<root status_code="200"/>',
  '🂡',
]
const requests = [
  'OPTIONS rtsp://0.0.0.0:48010 RTSP/1.0\r\nCSeq: 1\r\n\r\n',
  'DESCRIBE rtsp://0.0.0.0:48010 RTSP/1.0\r\nCSeq: 2\r\n\r\n',
  'SETUP streamid=audio/0/0 RTSP/1.0\r\nCSeq: 3\r\nTransport: unicast\r\n\r\n',
  'ANNOUNCE streamid=control/13/0 RTSP/1.0\r\nCSeq: 6\r\nContent-length: 4\r\n\r\na=b ',
  'PLAY / RTSP/1.0\r\nCSeq: 7\r\nSession: 1\r\n\r\n',
]

/** Somebody who means no good: says to Moonlight's ports what nobody who means good would, by chance that a seed decides. */
export class MoonlightFoe implements Disposable {
  readonly identity = new ClientIdentity()
  /** Over UDP, what was sent and what came back. */
  readonly udp = { sent: 0, received: 0 }
  readonly #ports: ReturnType<typeof moonlightPorts>
  readonly #random: () => number
  readonly #address: string
  readonly #socket: Socket = createSocket('udp4')

  /** `address`: from which it comes, of 127.0.0.0/8. */
  constructor(options: { readonly port: number; readonly random: () => number; readonly address: string }) {
    this.#ports = moonlightPorts(options.port)
    this.#random = options.random
    this.#address = options.address
    this.#socket.on('message', (bytes) => (this.udp.received += bytes.length))
  }

  async open(): Promise<void> {
    this.#socket.bind(0, this.#address)
    await once(this.#socket, 'listening')
  }

  /** Asks something; over HTTPS with the certificate of whoever is given. The answer as it came, empty where there was none. */
  async ask(by?: ClientIdentity): Promise<{ readonly path: string; readonly answer: string }> {
    const query = Array.from({ length: this.#below(8) }, () => `${this.#one(names)}=${this.#value()}`).join('&')
    const path = `/${this.#one(endpoints)}?${query}`.slice(0, 20_000)
    return { path, answer: await this.askFor(path, by) }
  }

  async askFor(path: string, by: ClientIdentity | undefined): Promise<string> {
    const common = { host, path, localAddress: this.#address, agent: false, signal: AbortSignal.timeout(10_000) }
    const request = by
      ? requestSecure({
          ...common,
          port: this.#ports.https,
          cert: by.certificate,
          key: by.key,
          rejectUnauthorized: false,
        })
      : requestPlain({ ...common, port: this.#ports.http })
    request.on('error', () => {})
    request.end()
    try {
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      return `${response.statusCode} ${Buffer.concat(chunks).toString()}`
    } catch {
      return ''
    }
  }

  /** One connection to the port of the negotiation, with a request that is right, damaged or cut. */
  async negotiate(): Promise<string> {
    const bytes = this.#damaged(Buffer.from(this.#one(requests)))
    if (this.#below(4) === 0) bytes[0] = 0x80
    const socket = connect({ host, port: this.#ports.rtsp, localAddress: this.#address })
    socket.on('error', () => {})
    socket.setTimeout(2000, () => socket.destroy())
    socket.end(bytes)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    await once(socket, 'close')
    return Buffer.concat(chunks).toString('latin1')
  }

  /** One datagram to the port of the stream. `payloads`: of pings that it may have overheard. */
  speak(payloads: readonly string[] = []): void {
    const kinds = [
      () => this.#bytes(this.#below(1500)),
      () => this.#enet({ type: 'ping' }),
      () => this.#enet({ type: 'reliable', data: this.#bytes(this.#below(200)) }),
      () => this.#enet({ type: 'acknowledge', acknowledged: this.#below(65_536), sentTime: this.#below(65_536) }),
      () => this.#enet({ type: 'disconnect', data: 0 }),
      () => this.#connecting(),
      () => this.#damaged(this.#connecting()),
      () => Buffer.from(`${this.#one([...payloads, '0123456789abcdef'])}\0\0\0\x01`, 'latin1'),
      () => Buffer.from('PING'),
    ]
    this.#send(this.#one(kinds)())
  }

  /** Begins a connection of the control stream as if it were expected. */
  connect(): void {
    this.#send(this.#connecting())
  }

  [Symbol.dispose](): void {
    this.#socket.close()
  }

  #send(bytes: Uint8Array): void {
    this.udp.sent += bytes.length
    this.#socket.send(bytes, this.#ports.udp, host)
  }

  #connecting(): Buffer {
    return this.#enet({
      type: 'connect',
      outgoingPeerId: 0,
      incomingSession: 0xff,
      outgoingSession: 0xff,
      mtu: this.#one([900, 0, 2 ** 32 - 1]),
      windowBytes: this.#one([65_536, 0, 2 ** 32 - 1]),
      channels: this.#one([48, 0, 2 ** 32 - 1]),
      incomingBytesPerS: 0,
      outgoingBytesPerS: 0,
      throttle: { intervalMs: 5000, acceleration: 2, deceleration: 2 },
      connectId: this.#below(2 ** 32),
      data: this.#below(2 ** 32),
    })
  }

  #enet(body: EnetBody): Buffer {
    const isConnect = body.type === 'connect'
    const channel = body.type === 'reliable' ? this.#below(64) : peerChannel
    const command = { channel, sequence: this.#below(4) + 1, wantsAck: this.#below(2) === 0, ...body }
    const peerId = isConnect ? unknownPeer : this.#below(unknownPeer)
    return Buffer.from(encodeEnetDatagram({ peerId, session: 0, sentTime: this.#below(65_536), commands: [command] }))
  }

  #value(): string {
    const value = this.#one(values)
    // Escaped, or with whatever may stand in an address as it is.
    const characters = Array.from(value).slice(0, this.#below(3) === 0 ? this.#below(value.length) : value.length)
    return this.#below(2) === 0 ? encodeURIComponent(characters.join('')) : value.replaceAll(/[^!-~]|[<>"#]/gu, '')
  }

  #damaged(bytes: Buffer): Buffer {
    const copy = Buffer.from(bytes)
    for (let times = this.#below(4); times > 0; times--) copy[this.#below(copy.length)] = this.#below(256)
    return copy.subarray(0, 1 + this.#below(copy.length))
  }

  #bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#below(256)))
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item
  }
}
