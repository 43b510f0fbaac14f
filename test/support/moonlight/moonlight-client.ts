import { createCipheriv, createDecipheriv, randomBytes, randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'
import { connect } from 'node:net'
import { controlNonce, decodeSealedControl, encodeSealedControl } from '../../../src/wire/moonlight/control-message.ts'
import { encodeMoonlightInput } from '../../../src/wire/moonlight/input-message.ts'
import { decodeSealedRtsp, encodeSealedRtsp } from '../../../src/wire/moonlight/rtsp.ts'
import type { OpusStreams } from '../../../src/media/testing/surround-decoder.ts'
import { BlockLedger } from './block-ledger.ts'
import { EnetClient } from './enet-client.ts'
import { ClientIdentity, PairingClient } from './pairing-client.ts'
import { ReceivedPictures } from './received-pictures.ts'

const host = '127.0.0.1'

export interface MoonlightClientOptions {
  /** Of a datagram of pictures, as the client tells it: 1,024 unless given, as over the Internet. */
  readonly packetBytes?: number
  readonly bitrateKbps?: number
  /** Of sound; 2 unless given. */
  readonly channels?: 2 | 6 | 8
  /** Takes the datagrams of pictures; they are put together unless it is given. */
  readonly onPicturePacket?: (datagram: Uint8Array) => void
}

/** What a stock client does, in its order: pairing, the list, a launch, RTSP, control, pings, pictures, sound, input. */
export class MoonlightClient implements Disposable {
  /** Of this stream. */
  pictures = new ReceivedPictures()
  /** Payloads of sound as they came. */
  readonly sounds: Uint8Array[] = []
  /** What the host has told of how sound of this stream is coded. */
  soundStreams: OpusStreams = { streams: 1, coupled: 1, mapping: [0, 1] }
  /** Types of what the host said on the control stream. */
  readonly notices: number[] = []
  readonly #ports: { readonly http: number; readonly https: number; readonly rtsp: number; readonly udp: number }
  readonly identity = new ClientIdentity()
  /** By which it asks for pictures and sound. */
  pingPayloads: readonly string[] = []
  /** Another one for each launch. */
  #key = randomBytes(16)
  /** As real clients have it: what comes while this process is busy is not lost. */
  readonly #socket: Socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 })
  #enet: EnetClient
  /** Drops a datagram of pictures when true. */
  loses: () => boolean = () => false
  #rtspSequence = 0
  #controlSequence = 0
  #heard = 0
  readonly #options: MoonlightClientOptions
  #ledger = new BlockLedger()
  #ticks: NodeJS.Timeout | undefined

  constructor(httpPort: number, options: MoonlightClientOptions = {}) {
    this.#options = options
    this.#ports = { http: httpPort, https: httpPort - 5, rtsp: httpPort + 21, udp: httpPort + 9 }
    this.#enet = this.#openEnet()
    this.#socket.on('message', (bytes) => this.#receive(bytes))
  }

  /** Asks over HTTP, or over HTTPS with the client's certificate. */
  async ask(path: string, secure = true): Promise<string> {
    const separator = path.includes('?') ? '&' : '?'
    const full = `${path}${separator}uniqueid=0123456789ABCDEF&uuid=${randomBytes(8).toString('hex')}`
    const { certificate: cert, key } = this.identity
    const request = secure
      ? getSecure({ host, port: this.#ports.https, path: full, cert, key, rejectUnauthorized: false })
      : getPlain({ host, port: this.#ports.http, path: full })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString()
  }

  /** Whether both ends have found that they know the same PIN; `typed` types it at the host while the client waits. */
  async pair(pin: string, typed: () => Promise<void>): Promise<boolean> {
    const client = new PairingClient(this.identity, pin)
    const step = (query: string) => this.ask(`/pair?devicename=roth&updateState=1&${query}`, false)
    const first = step(
      `phrase=getservercert&salt=${client.salt.toString('hex')}&clientcert=${client.certificateDigits}`,
    )
    await typed()
    const pem = Buffer.from(elementOf(await first, 'plaincert'), 'hex').toString()
    const response = elementOf(await step(`clientchallenge=${client.challenge()}`), 'challengeresponse')
    const secret = elementOf(await step(`serverchallengeresp=${client.respond(response)}`), 'pairingsecret')
    if (!client.trusts(secret, pem)) return false
    if (elementOf(await step(`clientpairingsecret=${client.prove()}`), 'paired') !== '1') return false
    return elementOf(await this.ask('/pair?phrase=pairchallenge'), 'paired') === '1'
  }

  /** The titles that can be begun, with their numbers. */
  async titles(): Promise<Map<string, number>> {
    const list = await this.ask('/applist')
    return new Map(
      [...list.matchAll(/<AppTitle>(.*?)<\/AppTitle><ID>(\d+)<\/ID>/g)].map(([, name = '', id]) => [name, Number(id)]),
    )
  }

  /** Launches, agrees by RTSP and connects. `verb` as the state of the host wants it. */
  async begin(
    titleId: number,
    size: { width: number; height: number },
    verb: 'launch' | 'resume' = 'launch',
  ): Promise<void> {
    clearInterval(this.#ticks)
    const { channels = 2 } = this.#options
    this.pictures = new ReceivedPictures()
    this.#ledger = new BlockLedger()
    this.#enet = this.#openEnet()
    this.#key = randomBytes(16)
    this.#rtspSequence = 0
    this.#controlSequence = 0
    this.#heard = 0
    const mode = `${size.width}x${size.height}x60`
    const key = `rikey=${this.#key.toString('hex')}&rikeyid=7`
    const launched = await this.ask(
      `/${verb}?appid=${titleId}&mode=${mode}&sops=0&${key}&corever=1&surroundAudioInfo=${audioInfo[channels]}`,
    )
    if (!launched.includes('rtspenc://')) throw new Error(`The launch was refused: ${launched}`)
    await this.#rtsp(`OPTIONS rtsp://${host}:${this.#ports.rtsp}`)
    const described = await this.#rtsp(`DESCRIBE rtsp://${host}:${this.#ports.rtsp}`)
    if (channels !== 2) this.soundStreams = streamsOf(described, channels)
    this.sounds.length = 0
    const audio = await this.#rtsp('SETUP streamid=audio/0/0')
    const video = await this.#rtsp('SETUP streamid=video/0/0')
    const control = await this.#rtsp('SETUP streamid=control/13/0')
    await this.#rtsp('ANNOUNCE streamid=control/13/0', announcement(size, this.#options))
    await this.#rtsp('PLAY /')
    this.pingPayloads = [audio, video].map((text) => /Ping-Payload: (\w{16})/.exec(text)?.[1] ?? '')
    this.#enet.connect(Number(/Connect-Data: (\d+)/.exec(control)?.[1]))
    let pings = 0
    const tick = () => {
      this.#enet.tick()
      this.say(0, 0x0200, Buffer.from('0400000000000000', 'hex'))
      if (pings++ % 5 > 0) return
      for (const payload of this.pingPayloads) {
        const ping = Buffer.alloc(20)
        ping.write(payload, 'latin1')
        ping.writeUInt32BE(pings, 16)
        this.#socket.send(ping, this.#ports.udp, host)
      }
    }
    this.say(0, 0x0302, Buffer.alloc(2))
    this.say(0, 0x0307, Buffer.alloc(1))
    tick()
    this.#ticks = setInterval(tick, 100)
  }

  /** Says something on the control stream, under its seal. */
  say(channel: number, type: number, payload: Uint8Array): void {
    const plain = Buffer.alloc(4 + payload.length)
    plain.writeUInt16LE(type)
    plain.writeUInt16LE(payload.length, 2)
    plain.set(payload, 4)
    const sequence = this.#controlSequence++
    const cipher = createCipheriv('aes-128-gcm', this.#key, controlNonce(sequence, 'client', 'control'))
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
    this.#enet.push(channel, {
      type: 'reliable',
      data: encodeSealedControl({ sequence, tag: cipher.getAuthTag(), ciphertext }),
    })
  }

  input(channel: number, kind: number, fields: string): void {
    this.say(channel, 0x0206, encodeMoonlightInput(kind, Buffer.from(fields, 'hex')))
  }

  /** Presses and lets go a key, by its Windows virtual-key code. */
  strike(virtualKey: number): void {
    const code = virtualKey.toString(16).padStart(2, '0')
    this.input(2, 0x03, `00${code}80000000`)
    this.input(2, 0x04, `00${code}80000000`)
  }

  /** Quits as a client does. */
  async quit(): Promise<void> {
    this.#enet.push(0xff, { type: 'disconnect', data: 0 })
    for (let tries = 0; tries < 100 && this.#enet.unacknowledged > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    clearInterval(this.#ticks)
  }

  /** Is gone without a word, as one that is killed. */
  vanish(): void {
    clearInterval(this.#ticks)
    this.#socket.removeAllListeners('message')
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticks)
    this.#socket.close()
  }

  #openEnet(): EnetClient {
    return new EnetClient({
      send: (bytes) => this.#socket.send(bytes, this.#ports.udp, host),
      nowMs: () => performance.now(),
      connectId: randomInt(2 ** 32 - 1),
    })
  }

  async #rtsp(first: string, body = ''): Promise<string> {
    const length = body === '' ? '' : `Content-length: ${body.length}\r\n`
    const plain = `${first} RTSP/1.0\r\nCSeq: ${this.#rtspSequence}\r\nX-GS-ClientVersion: 14\r\nHost: ${host}\r\n${length}\r\n${body}`
    const sequence = ++this.#rtspSequence
    const cipher = createCipheriv('aes-128-gcm', this.#key, controlNonce(sequence, 'client', 'rtsp'))
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
    const socket = connect(this.#ports.rtsp, host)
    socket.write(encodeSealedRtsp({ sequence, tag: cipher.getAuthTag(), ciphertext }))
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    const sealed = decodeSealedRtsp(Buffer.concat(chunks))
    if (sealed === undefined) throw new Error(`No answer to ${first}`)
    const opened = createDecipheriv('aes-128-gcm', this.#key, controlNonce(sealed.sequence, 'host', 'rtsp'))
    opened.setAuthTag(sealed.tag)
    const text = Buffer.concat([opened.update(sealed.ciphertext), opened.final()]).toString()
    if (!text.startsWith('RTSP/1.0 200 ')) throw new Error(`${first} was answered with ${text}`)
    return text
  }

  #receive(bytes: Buffer): void {
    if (bytes[0] === 0x90) {
      if (!this.loses()) this.#takePicture(bytes)
    } else if (bytes[0] === 0x80 && (bytes[1] === 97 || bytes[1] === 127)) {
      if (bytes[1] === 97) this.sounds.push(bytes.subarray(12))
    } else {
      this.#enet.receive(bytes)
      for (const message of this.#enet.heard.slice(this.#heard)) this.notices.push(this.#typeOf(message))
      this.#heard = this.#enet.heard.length
    }
  }

  #takePicture(bytes: Buffer): void {
    if (this.#options.onPicturePacket) this.#options.onPicturePacket(bytes)
    else this.pictures.take(bytes)
    for (const { isRepaired, payload } of this.#ledger.take(bytes)) {
      this.say(1, 0x5502, payload)
      if (!isRepaired) this.say(1, 0x0302, Buffer.alloc(2))
    }
  }

  #typeOf(message: Uint8Array): number {
    const { sequence, tag, ciphertext } = decodeSealedControl(message)
    const opened = createDecipheriv('aes-128-gcm', this.#key, controlNonce(sequence, 'host', 'control'))
    opened.setAuthTag(tag)
    return Buffer.concat([opened.update(ciphertext), opened.final()]).readUInt16LE()
  }
}

/** A mask of speakers and how many there are, as clients write them. */
const audioInfo = { 2: 0x30002, 6: 0x3f0006, 8: 0x63f0008 } as const

/** The first that is told for so many channels counts, with its last digit moved to the fourth place. */
function streamsOf(described: string, channels: number): OpusStreams {
  const [, streams, coupled, digits = ''] =
    new RegExp(`surround-params=${channels}(\\d)(\\d)(\\d{${channels}})`).exec(described) ?? []
  const mapping = Array.from(digits, Number)
  mapping.splice(3, 0, ...mapping.splice(-1))
  return { streams: Number(streams), coupled: Number(coupled), mapping }
}

function announcement(
  { width, height }: { width: number; height: number },
  { packetBytes = 1024, bitrateKbps = 8000, channels = 2 }: MoonlightClientOptions,
): string {
  return [
    'v=0',
    'a=x-ml-general.featureFlags:3 ',
    'a=x-ss-general.encryptionEnabled:1 ',
    `a=x-nv-video[0].clientViewportWd:${width} `,
    `a=x-nv-video[0].clientViewportHt:${height} `,
    'a=x-nv-video[0].maxFPS:60 ',
    `a=x-nv-video[0].packetSize:${packetBytes} `,
    `a=x-ml-video.configuredBitrateKbps:${bitrateKbps} `,
    'a=x-nv-vqos[0].fec.minRequiredFecPackets:2 ',
    'a=x-nv-vqos[0].bitStreamFormat:0 ',
    `a=x-nv-audio.surround.numChannels:${channels} `,
    'a=x-nv-aqos.packetDuration:5 ',
    '',
  ].join('\r\n')
}

function elementOf(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  if (found === undefined) throw new Error(`There is no ${name} in ${xml}`)
  return found
}
