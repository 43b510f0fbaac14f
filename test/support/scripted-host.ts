import { ScriptedMicrophone } from './scripted-microphone.ts'
import { ScriptedWebMedia } from './scripted-web-media.ts'
import { ManualClock } from '../../src/kernel/manual-clock.ts'
import { decodeClientMessage, encodeSignal } from '../../src/wire/signal/codec.ts'
import type { ClientMessage, ServerMessage } from '../../src/wire/signal/messages.ts'

/** As the client's environment has them, which cannot be named here: its types are those of a page. */
interface MachineEvents {
  woke(): void
  doubted(): void
  leaving(): void
  stayed(): void
}

/** The host's end of one WebSocket. */
export class ScriptedSocket extends EventTarget {
  readonly protocols: readonly string[]
  readonly heard: ClientMessage[] = []
  closed = false

  constructor(protocols: readonly string[]) {
    super()
    this.protocols = protocols
  }

  send(text: string): void {
    this.heard.push(decodeClientMessage(text))
  }

  close(): void {
    this.closed = true
  }

  open(): void {
    this.dispatchEvent(new Event('open'))
  }

  say(message: ServerMessage): void {
    this.hear(encodeSignal(message))
  }

  /** Anything at all. */
  hear(text: string): void {
    this.dispatchEvent(new MessageEvent('message', { data: text }))
  }

  drop(code = 1006, reason = ''): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }))
  }

  heardTypes(): string[] {
    return this.heard.map(({ type }) => type)
  }
}

export class ScriptedChannel extends EventTarget {
  readyState = 'connecting'
  bufferedAmount = 0
  readonly sent: Uint8Array[] = []

  send(bytes: Uint8Array): void {
    this.sent.push(bytes)
  }
}

/** As much of an RTCPeerConnection as the client touches; `connect` plays the network. */
export class ScriptedPeer extends EventTarget {
  connectionState = 'new'
  remoteDescription: unknown = null
  readonly channels: ScriptedChannel[] = []
  readonly candidates: unknown[] = []
  /** What is sent of the microphone now. */
  voice: unknown = null

  createDataChannel(): ScriptedChannel {
    const channel = new ScriptedChannel()
    this.channels.push(channel)
    return channel
  }

  addTransceiver(kind: string) {
    const replaceTrack = async (track: unknown) => {
      this.voice = track
    }
    return { receiver: { track: Object.assign(new EventTarget(), { kind, muted: true }) }, sender: { replaceTrack } }
  }

  getConfiguration = () => ({})
  /** What it was told last. */
  configuration: { readonly iceServers?: readonly object[] } = {}
  setConfiguration = (configuration: { readonly iceServers?: readonly object[] }) => {
    this.configuration = configuration
  }
  createOffer = async () => ({ type: 'offer', sdp: 'v=0 offer' })
  setLocalDescription = async () => {}
  getStats = async () => {
    if (this.isFlowing && this.connectionState === 'connected') this.flow.bytesReceived++
    return new Map([['in', { type: 'inbound-rtp', kind: 'video', id: 'in', timestamp: 0, ...this.flow }]])
  }

  async setRemoteDescription(description: unknown): Promise<void> {
    this.remoteDescription = description
  }

  /** Something comes at all times. */
  isFlowing = true
  /** What statistics tell of pictures and sound. */
  flow = { framesDecoded: 0, bytesReceived: 0 }

  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate)
  }

  become(state: string): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }

  connect(): void {
    for (const channel of this.channels) channel.readyState = 'open'
    this.become('connected')
  }

  close(): void {
    this.connectionState = 'closed'
  }
}

/** Lets everything that waits for nothing but promises come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** A host in virtual time that says what it is told to, and the environment of the client that meets it. */
export class ScriptedHost {
  readonly clock = new ManualClock()
  readonly sockets: ScriptedSocket[] = []
  readonly peers: ScriptedPeer[] = []
  readonly pages = new Set<MachineEvents>()
  /** Whether something comes by peer connections at all times. */
  peersFlow = true
  /** Whether the browser makes peer connections now. */
  canMakePeers = true
  /** Whether anybody answers a knock. */
  isThere = false
  /** What outlives a page. */
  readonly kept = new Map<string, string>()
  readonly webMedia = new ScriptedWebMedia()
  readonly microphone = new ScriptedMicrophone()
  readonly environment = {
    clock: this.clock,
    random: () => 0.5,
    createSocket: (_url: string, protocols: string[]) => {
      const socket = new ScriptedSocket(protocols)
      this.sockets.push(socket)
      return socket
    },
    createPeer: () => {
      if (!this.canMakePeers) throw new Error('The network is down')
      const peer = new ScriptedPeer()
      peer.isFlowing = this.peersFlow
      this.peers.push(peer)
      return peer
    },
    videoCodecs: () => [],
    webMedia: this.webMedia,
    microphone: this.microphone,
    knock: async () => this.isThere,
    watch: (events: MachineEvents) => {
      this.pages.add(events)
      return () => void this.pages.delete(events)
    },
    storage: {
      getItem: (key: string) => this.kept.get(key) ?? null,
      setItem: (key: string, value: string) => void this.kept.set(key, value),
      removeItem: (key: string) => void this.kept.delete(key),
    },
  }

  /** The newest WebSocket. */
  get socket(): ScriptedSocket {
    return this.sockets.at(-1) as ScriptedSocket
  }

  /** The newest peer connection. */
  get peer(): ScriptedPeer {
    return this.peers.at(-1) as ScriptedPeer
  }

  greet(): void {
    this.socket.open()
    this.socket.say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [], resumeToken: 'r1', role: 'player' })
  }

  /** Greets as a host that can send media through the web port. */
  greetWithWebMedia(): void {
    this.socket.open()
    this.socket.say({ type: 'ready', id: 's1', protocolVersion: 1, iceServers: [], role: 'player', webMedia: true })
  }

  /** Greets, acknowledges if told to, answers and connects. */
  async welcome(ack?: Extract<ServerMessage, { type: 'reconnect-ack' }>): Promise<void> {
    this.greet()
    if (ack) this.socket.say(ack)
    await this.answer()
  }

  async answer(): Promise<void> {
    await settle()
    this.socket.say({ type: 'signal', signal: { type: 'answer', sdp: 'v=0 answer' } })
    this.peer.connect()
    await settle()
  }

  /** Virtual time passes in small steps, and what follows from each has time to happen. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      this.clock.advance(50)
      await settle()
    }
  }

  wake(): void {
    for (const page of this.pages) page.woke()
  }
}
