import { once } from 'node:events'
import { WebSocket } from 'ws'
import { websocketPipe } from '../../src/http/websocket-pipe.ts'
import type { PathNews } from '../../src/net/paths/path-finder.ts'
import { HostMeeting } from '../../src/net/reach/host-meeting.ts'
import { ReachPort } from '../../src/net/reach/reach-port.ts'
import type { Reach } from '../../src/net/reach/reach.ts'
import { rendezvousSubprotocol } from '../../src/wire/reach/protocol.ts'
import { seededRandom } from '../../src/kernel/seeded-random.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Pipe } from '../../src/kernel/pipe.ts'
import { BitrateController } from '../../src/net/congestion/bitrate-controller.ts'
import { nodeCrypto } from '../../src/net/native/node-crypto.ts'
import { SecureEndpoint } from '../../src/net/native/secure-endpoint.ts'
import type { SecureLink } from '../../src/net/native/secure-link.ts'
import { PictureReceiver, type ReceivedPicture } from '../../src/net/receiving/picture-receiver.ts'
import { PathPorts } from '../../src/net/paths/path-ports.ts'
import type { Path } from '../../src/net/paths/path.ts'
import { pipeOnStream } from '../../src/net/streams/stream-pipe.ts'
import { Transport } from '../../src/net/streams/transport.ts'
import { openUdpSocket } from '../../src/net/udp/udp-socket.ts'
import type { InputMessage } from '../../src/domain/input-event.ts'
import { encodeKeysMessage, type KeysMessage } from '../../src/wire/input/keys-message.ts'
import { PointerSender } from '../../src/wire/input/pointer-message.ts'
import {
  decodeAdmissionAnswer,
  encodeAdmission,
  type AdmissionAnswer,
  type AdmissionRequest,
} from '../../src/wire/native/admission.ts'
import type { KeyPair } from '../../src/wire/native/noise-crypto.ts'
import type { NativeLink } from '../../src/wire/native/native-link.ts'
import { decodeSoundPiece } from '../../src/wire/native-frames/media-piece.ts'
import { decodeServerMessage, encodeSignal } from '../../src/wire/signal/codec.ts'
import type { ClientMessage, ServerMessage } from '../../src/wire/signal/messages.ts'
import { formatAddress } from '../../src/wire/address-bytes.ts'

export type ReachingClient = NativeClient & { readonly reach: Reach }

/** A client of the native transport on a direct address: handshake, admission, conversation, media and input, over a real socket. */
export class NativeClient implements AsyncDisposable {
  readonly link: SecureLink
  /** Everything that the host has said in the conversation. */
  readonly messages: ServerMessage[] = []
  /** In the order in which they were whole. */
  readonly pictures: ReceivedPicture[] = []
  sounds = 0
  /** How the conversation ended, once it has. */
  closeCode: number | undefined | 'open' = 'open'
  readonly #transport: Transport
  readonly #conversation: Pipe
  #keys: Pipe | undefined
  readonly #pointers = new PointerSender()
  readonly #receiver = new PictureReceiver({
    onPicture: (picture) => void this.pictures.push(picture),
    ask: (numbers) => this.#transport.askAgain(numbers),
    askForKey: () => this.#transport.askForKey(),
  })
  readonly #polling = setInterval(() => {
    this.#receiver.poll(this.#transport.roundTripMs ?? 100, performance.now() * 1000)
  }, 5)
  readonly #release: () => Promise<void>
  #heard: (message: string) => void = () => {}

  private constructor(link: SecureLink, release: () => Promise<void>) {
    this.link = link
    this.#release = release
    this.#transport = new Transport({
      channel: link,
      clock: systemClock,
      isCaller: true,
      controller: new BitrateController(),
      events: {
        stream: () => {},
        datagram: (kind, data) => {
          if (kind === 'video' || kind === 'parity') this.#receiver.take(kind, data, performance.now() * 1000)
          else if (kind === 'audio' && decodeSoundPiece(data).data.length > 0) this.sounds++
        },
        missing: () => {},
        keyWanted: () => {},
        reported: () => {},
      },
    })
    this.#conversation = pipeOnStream(this.#transport.openStream(), { maxMessageBytes: 1 << 20 })
    this.#conversation.listen({
      message: (message) => this.#heard(String(message)),
      fault: () => {},
    })
    void this.#conversation.closed.then(({ code }) => (this.closeCode = code))
  }

  /** Opens a channel to where the link says. Rejects with NativeError. */
  static async dial({ host, port, key }: NativeLink, own: KeyPair = nodeCrypto.newKeyPair()): Promise<NativeClient> {
    const socket = await openUdpSocket({ host: '127.0.0.1', port: 0, bufferBytes: 1 << 20 })
    const paths = new PathPorts(socket)
    const endpoint = new SecureEndpoint({
      crypto: nodeCrypto,
      clock: systemClock,
      port: { send: (bytes, path) => socket.send(bytes, (path as Path).address) === undefined },
      own,
      random: seededRandom(1),
    })
    paths.onPacket = (bytes, path) => void endpoint.receive(bytes, path)
    const release = async () => {
      endpoint[Symbol.dispose]()
      paths[Symbol.dispose]()
      await socket.close()
    }
    const address = { address: host, port }
    const path: Path = {
      name: `direct ${formatAddress(address)}`,
      kind: 'direct',
      origin: host,
      address,
      state: 'untried',
      roundTripMs: undefined,
    }
    try {
      return new NativeClient(await endpoint.dial({ path, role: 'viewer', peerKey: key }), release)
    } catch (error) {
      await release()
      throw error
    }
  }

  /**
   * Meets the host at its web port, by signalling alone, and opens a channel by whatever path there is. `bind`: where the client is; `open` makes
   * its sockets there. Rejects with NativeError.
   */
  static async meet({
    web,
    key,
    own = nodeCrypto.newKeyPair(),
    bind = '127.0.0.1',
    open = (make) => make(),
    onNews,
  }: {
    /** `http://192.0.2.1:8080`. */
    readonly web: string
    readonly key: Uint8Array
    readonly own?: KeyPair
    readonly bind?: string
    readonly open?: <T>(make: () => T) => T
    readonly onNews?: (news: PathNews) => void
  }): Promise<ReachingClient> {
    const socket = await open(() => openUdpSocket({ host: bind, port: 0, bufferBytes: 1 << 20 }))
    const clock = systemClock
    const port = new ReachPort({ socket, clock, policy: 'prefer-direct', stunServers: [], ownAddresses: () => [bind] })
    const endpoint = new SecureEndpoint({ crypto: nodeCrypto, clock, port, own, random: Math.random })
    port.carries(endpoint)
    const connect = async (): Promise<Pipe> => {
      const webSocket = open(() => new WebSocket(web.replace(/^http/, 'ws'), rendezvousSubprotocol))
      await once(webSocket, 'open')
      return websocketPipe(webSocket, clock)
    }
    const release = async () => {
      endpoint[Symbol.dispose]()
      port[Symbol.dispose]()
      await socket.close()
    }
    let meeting: HostMeeting | undefined
    try {
      meeting = await HostMeeting.open({
        port,
        hostKey: key,
        connect,
        where: web,
        clock,
        random: Math.random,
        ...(onNews && { onNews }),
      })
      const { reach } = meeting
      const link = await reach.dial(endpoint, { role: 'viewer', peerKey: key, withinMs: 60_000 })
      const client = new NativeClient(link, async () => {
        meeting?.[Symbol.dispose]()
        await release()
      })
      return Object.assign(client, { reach })
    } catch (error) {
      meeting?.[Symbol.dispose]()
      await release()
      throw error
    }
  }

  /** Asks at the door; undefined when the channel ends in the place of an answer. */
  async knock(request: AdmissionRequest): Promise<AdmissionAnswer | undefined> {
    const { promise, resolve } = Promise.withResolvers<AdmissionAnswer | undefined>()
    this.#heard = (message) => {
      const answer = decodeAdmissionAnswer(message)
      // Behind the welcome comes the conversation.
      if (answer.type === 'welcome') this.#heard = (next) => void this.messages.push(decodeServerMessage(next))
      resolve(answer)
    }
    this.#conversation.send(encodeAdmission(request))
    void this.#conversation.closed.then(() => resolve(undefined))
    return promise
  }

  say(message: ClientMessage): void {
    this.#conversation.send(encodeSignal(message))
  }

  /** Anything at all in the conversation. */
  sayRaw(message: string): void {
    this.#conversation.send(message)
  }

  key(message: KeysMessage): void {
    this.#keys ??= pipeOnStream(this.#transport.openStream(), { maxMessageBytes: 1024 })
    this.#keys.send(encodeKeysMessage(message))
  }

  point(message: Extract<InputMessage, { type: 'pointer' | 'pointer-relative' }>): void {
    this.#transport.send('input', this.#pointers.encode(message))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#polling)
    await this.#transport.close()
    await this.#release()
  }
}
