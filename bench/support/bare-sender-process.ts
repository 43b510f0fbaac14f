/**
 * The floor that the fan-out is compared with: the same peer connections of the same library, to which packets that were
 * made beforehand are given, a picture's at once, 60 times a second. Nothing is captured, encoded, paced, resent or
 * adapted. See bare-sender.ts.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answerForBrowser } from '../../src/gateway/browser/sdp/answer-for-browser.ts'
import { readBrowserOffer } from '../../src/gateway/browser/sdp/browser-offer.ts'
import { openRtcPeer, type RtcPeer } from '../../src/viewer/webrtc/rtc-peer.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { packetiseH264 } from '../../src/wire/rtp/h264-payload.ts'
import { RtpWriter, type RtpHeader } from '../../src/wire/rtp/rtp-header.ts'
import { decodeClientMessage, encodeSignal } from '../../src/wire/signal/codec.ts'
import { signalProtocolVersion, signalSubprotocol, type ServerMessage } from '../../src/wire/signal/messages.ts'

const fps = 60
const idr = 0x65
const [, , udpPort = '', bytesPerPicture = ''] = process.argv

const picture = new Uint8Array(Number(bytesPerPicture)).fill(0x5a)
picture.set([0, 0, 0, 1, idr])
const packets = packetiseH264(picture)
const viewers = new Map<RtcPeer, RtpHeader>()

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => signalSubprotocol })
server.on('connection', (socket) => {
  const say = (message: ServerMessage) => socket.send(encodeSignal(message))
  let peer: RtcPeer | undefined
  socket.on('message', (data) => {
    const message = decodeClientMessage(data as Buffer)
    if (message.type === 'offer') peer = answer(message.signal.sdp, say)
    if (message.type === 'candidate') peer?.addCandidate(message.candidate)
  })
  socket.on('close', () => {
    if (peer) viewers.delete(peer)
    void peer?.close()
  })
  say({ type: 'ready', id: 'bare', protocolVersion: signalProtocolVersion, iceServers: [] })
})
await once(server, 'listening')
process.once('disconnect', () => process.exit(0))
process.send?.((server.address() as AddressInfo).port)

let sent = 0
const startMs = performance.now()
setInterval(() => {
  const due = Math.floor(((performance.now() - startMs) / 1000) * fps)
  if (due <= sent) return
  sent = due
  for (const [peer, header] of viewers) sendPicture(peer, header)
}, 2)

const writer = new RtpWriter()
function sendPicture(peer: RtcPeer, header: RtpHeader): void {
  header.timestamp += 90_000 / fps
  for (const packet of packets) {
    header.sequence = (header.sequence + 1) & 0xffff
    header.transportSequence = header.sequence
    peer.send(writer.write(packet, header))
  }
}

function answer(sdp: string, say: (message: ServerMessage) => void): RtcPeer {
  const offer = readBrowserOffer(sdp)
  const ssrcs = { video: viewers.size * 2 + 1, audio: viewers.size * 2 + 2 }
  const peer = openRtcPeer({
    config: { iceServers: [], udp: { port: Number(udpPort), bindAddress: '127.0.0.1' }, clock: systemClock },
    offer: { ...offer, sctpPort: offer.data?.sctpPort, inputChannels: true },
    events: {
      described(transport) {
        say({
          type: 'signal',
          signal: {
            type: 'answer',
            sdp: answerForBrowser(offer, { transport, ssrcs, version: 1, maxMessageBytes: 4096 }),
          },
        })
      },
      localCandidate: (candidate) => say({ type: 'candidate', candidate, sdpMid: '0' }),
      gathered() {},
      mediaOpen: () => viewers.set(peer, header),
      control() {},
      media() {},
      input() {},
      text() {},
      failed: (error) => console.error(error),
    },
  })
  const header: RtpHeader = {
    payloadType: offer.video?.formats.get('h264')?.payloadType ?? 0,
    ssrc: ssrcs.video,
    sequence: 0,
    timestamp: 0,
    marker: false,
    transportExtensionId: offer.video?.transportExtensionId ?? 0,
    transportSequence: 0,
  }
  return peer
}
