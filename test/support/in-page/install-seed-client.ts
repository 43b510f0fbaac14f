import type { SeedClient } from '../seed-client.ts'

declare global {
  var seedClient: SeedClient | undefined
}

interface Said {
  readonly type: string
  readonly id?: string
  readonly iceServers?: RTCIceServer[]
  readonly signal?: RTCSessionDescriptionInit
  readonly success?: boolean
  readonly historyRecovered?: boolean
  readonly code?: string
}

globalThis.seedClient = installSeedClient()

/** In the order of that client: greeting, session, channel, offer; everything else later. */
function installSeedClient(): SeedClient {
  let socket: WebSocket | undefined
  let connection: RTCPeerConnection | undefined
  let channel: RTCDataChannel | undefined
  let sender: RTCRtpSender | undefined
  let sessionId: string | undefined
  let isNegotiating = false
  let pongs = 0
  const acknowledged: { success: boolean; historyRecovered: boolean }[] = []
  const errors: string[] = []
  const ufrags: string[] = []
  const waiting = new Map<string, (message: Said) => void>()
  const next = (type: string) => new Promise<Said>((resolve) => void waiting.set(type, resolve))
  const send = (message: object) => socket?.send(JSON.stringify(message))

  const offer = async (peer: RTCPeerConnection) => {
    isNegotiating = true
    await peer.setLocalDescription(await peer.createOffer())
    if (peer.iceGatheringState !== 'complete') {
      await new Promise<void>((resolve) => {
        peer.addEventListener('icegatheringstatechange', () => {
          if (peer.iceGatheringState === 'complete') resolve()
        })
      })
    }
    ufrags.push(/a=ice-ufrag:(\S+)/.exec(peer.localDescription?.sdp ?? '')?.[1] ?? '')
    const answer = next('signal')
    send({ type: 'offer', signal: peer.localDescription })
    const { signal } = await answer
    if (signal) await peer.setRemoteDescription(signal).catch((error: unknown) => errors.push(String(error)))
    isNegotiating = false
  }
  const untilStable = async () => {
    const isStable = () => !isNegotiating && connection?.signalingState === 'stable'
    do await new Promise((resolve) => setTimeout(resolve, 50))
    while (!isStable())
  }
  const receive = (message: Said) => {
    if (message.type === 'pong') pongs++
    if (message.type === 'error' || message.type === 'offer-refused') errors.push(message.code ?? '')
    waiting.get(message.type)?.(message)
  }

  return {
    async connect(url) {
      const former = sessionId
      connection?.close()
      socket?.close()
      const ready = next('ready')
      const opening = new WebSocket(url)
      socket = opening
      opening.addEventListener('message', ({ data }) => {
        if (socket === opening) receive(JSON.parse(String(data)) as Said)
      })
      const { id, iceServers = [] } = await ready
      sessionId = id
      if (former !== undefined) {
        const ack = next('reconnect-ack')
        send({ type: 'reconnect', sessionId: former })
        const { success = false, historyRecovered = false } = await ack
        acknowledged.push({ success, historyRecovered })
      }
      const peer = new RTCPeerConnection({ iceServers })
      const own = peer.createDataChannel('data', { ordered: true })
      const open = new Promise((resolve) => own.addEventListener('open', resolve))
      connection = peer
      channel = own
      await offer(peer)
      await open
      peer.addEventListener('negotiationneeded', () => void offer(peer))
    },
    async addMicrophone() {
      const context = new AudioContext()
      const tone = context.createOscillator()
      const destination = context.createMediaStreamDestination()
      tone.connect(destination)
      tone.start()
      const [track] = destination.stream.getAudioTracks()
      if (track) sender = connection?.addTrack(track, destination.stream)
      await untilStable()
    },
    async removeMicrophone() {
      if (sender) connection?.removeTrack(sender)
      await untilStable()
    },
    say: (text) => channel?.send(text),
    send,
    async facts() {
      let soundPackets = 0
      const statistics = (await connection?.getStats()) ?? new Map<string, RTCInboundRtpStreamStats>()
      statistics.forEach((stats: RTCInboundRtpStreamStats) => {
        if (stats.type === 'inbound-rtp' && stats.kind === 'audio') soundPackets += stats.packetsReceived ?? 0
      })
      return {
        sessionId,
        connected: connection?.connectionState === 'connected' && channel?.readyState === 'open',
        socketOpen: socket?.readyState === WebSocket.OPEN,
        acknowledged,
        pongs,
        errors,
        soundPackets,
        ufrags,
      }
    },
  }
}
