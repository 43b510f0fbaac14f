import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import type { ByteStream } from '../../net/streams/byte-stream.ts'
import { StreamError } from '../../net/streams/stream-error.ts'
import { decodeLook } from '../../wire/party/look.ts'
import {
  decodeShareOpen,
  encodeShareMessage,
  portSharing,
  type ShareProtocol,
  type ShareRefusal,
} from '../../wire/party/share.ts'
import { WireError } from '../../wire/wire-error.ts'
import type { PartyMember } from '../connection/peer-connections.ts'
import { carryConnection, carryDatagrams, closeQuietly, givenUpCode, sendDatagram } from './carry-connection.ts'
import { FramedReader } from './framed-reader.ts'
import { showLobby, type ShowLobby } from './lobby-looks.ts'
import { ShareError } from './share-error.ts'

/** A port of this machine that others of a party may come to. */
export interface PortShare {
  readonly protocol: ShareProtocol
  /** As others ask for it. */
  readonly port: number
  /** Where it leads: this machine, unless another one of its network is named. */
  readonly host: string
  readonly hostPort: number
  /** Ids of those who may; all members when left out. */
  readonly members?: readonly string[]
}

const plan = planConversation(portSharing, 'sharer')
const mostShares = 64
/** Connections and flows at once, of all. */
const mostOpen = 256
const connectMs = 10_000

/** The sharing end: what is not on its list is not there, and for whom it is not meant neither. */
export class PortShares {
  readonly #log: Log
  readonly #show: ShowLobby
  readonly #shares = new Map<string, PortShare>()
  #open = 0

  /** `show` is asked by members who look into a lobby of this host. */
  constructor(log: Log, show: ShowLobby = async () => ({ type: 'refused' })) {
    this.#log = log
    this.#show = show
  }

  get list(): readonly PortShare[] {
    return [...this.#shares.values()]
  }

  /** Connections that others have to here. */
  get openCount(): number {
    return this.#open
  }

  /** In the place of one of that number. Throws ShareError `busy` for one too many. */
  add(share: PortShare): void {
    const key = keyOf(share.protocol, share.port)
    if (!this.#shares.has(key) && this.#shares.size >= mostShares) {
      throw new ShareError('busy', `Cannot share one more port: ${mostShares} are shared`)
    }
    this.#shares.set(key, share)
  }

  /** Connections that there are go on to their end. False where it was not shared. */
  remove(protocol: ShareProtocol, port: number): boolean {
    return this.#shares.delete(keyOf(protocol, port))
  }

  /** A stream that a member has opened; it is carried to its end. Never rejects. */
  async take(stream: ByteStream, from: PartyMember): Promise<void> {
    const reader = new FramedReader(stream.incoming)
    this.#open++
    try {
      await this.#serve(stream, reader, from)
    } catch (error) {
      const isTheirs = error instanceof WireError || error instanceof ShareError || error instanceof StreamError
      if (!isTheirs) this.#log.error('A shared port failed', { peer: from.id, error: messageOf(error) })
      else this.#log.debug('A member broke off at a shared port', { peer: from.id, why: messageOf(error) })
      stream.reset(givenUpCode)
    } finally {
      this.#open--
    }
  }

  async #serve(stream: ByteStream, reader: FramedReader, from: PartyMember): Promise<void> {
    const said = await reader.message()
    if (!said) return
    const look = decodeLook(said)
    if (look) return showLobby(look, { stream, peerId: from.id, show: this.#show })
    const monitor = new ConversationMonitor(plan)
    const { protocol, port } = decodeShareOpen(said)
    monitor.received('open')
    const refuse = async (why: ShareRefusal) => {
      monitor.sent('refused')
      this.#log.info('A member was refused at a port', { peer: from.id, protocol, port, why })
      await stream.write(encodeShareMessage({ type: 'refused', why }))
      await stream.finish()
      await reader.close()
    }
    const accept = async () => {
      monitor.sent('accepted')
      await stream.write(encodeShareMessage({ type: 'accepted' }))
    }
    const share = this.#shares.get(keyOf(protocol, port))
    if (!share || (share.members && !share.members.includes(from.id))) return refuse('not-shared')
    if (this.#open > mostOpen) return refuse('busy')
    const serve = protocol === 'tcp' ? serveConnection : serveDatagrams
    await serve(share, { stream, reader, accept, refuse })
  }
}

interface Serving {
  readonly stream: ByteStream
  readonly reader: FramedReader
  readonly accept: () => Promise<void>
  readonly refuse: (why: ShareRefusal) => Promise<void>
}

async function serveConnection({ host, hostPort }: PortShare, serving: Serving): Promise<void> {
  const socket = connect({ host, port: hostPort, allowHalfOpen: true })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectMs) })
  } catch {
    socket.destroy()
    return serving.refuse('not-there')
  }
  socket.setNoDelay(true)
  await serving.accept()
  await carryConnection(socket, serving.stream, serving.reader)
}

/** Each flow has a port of its own towards what is shared, as that tells its players by their addresses. */
async function serveDatagrams({ host, hostPort }: PortShare, serving: Serving): Promise<void> {
  const { stream, reader } = serving
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  try {
    const connected = once(socket, 'connect')
    socket.connect(hostPort, host)
    await connected
  } catch {
    closeQuietly(socket)
    return serving.refuse('not-there')
  }
  socket.on('message', (bytes) => sendDatagram(stream, bytes))
  // Nothing listens there now: what is sent is lost, as it would be on a LAN.
  socket.on('error', () => {})
  try {
    await serving.accept()
    await carryDatagrams(stream, reader, (bytes) => socket.send(bytes, ignore))
  } finally {
    closeQuietly(socket)
  }
}

function keyOf(protocol: ShareProtocol, port: number): string {
  return `${protocol} ${port}`
}

function ignore(): void {}
