/**
 * Makes a thread of the WebRTC library spin, by a description of sources that never ends, in a connection of two media
 * sections (which no connection of the product has), and prints what a SpinDetector sees: before, and then whenever it looks.
 */
import { PeerConnection, Video, Audio } from 'node-datachannel'
import { SpinDetector } from '../../src/viewer/process/spin-detector.ts'

const config = { iceServers: [], bindAddress: '127.0.0.1' }
const [victim, sender] = [new PeerConnection('victim', config), new PeerConnection('sender', config)]
const tracksOf = (connection: PeerConnection) => {
  const [video, audio] = [new Video('0', 'SendRecv'), new Audio('1', 'SendRecv')]
  video.addVP8Codec(96)
  audio.addOpusCodec(111)
  return [connection.addTrack(video), connection.addTrack(audio)]
}
for (const [from, to] of [
  [victim, sender],
  [sender, victim],
] as const) {
  from.onLocalDescription((sdp, type) => to.setRemoteDescription(sdp, type))
  from.onLocalCandidate((candidate, mid) => to.addRemoteCandidate(candidate, mid))
}
const kept = tracksOf(victim)
const [track] = tracksOf(sender)
const spins = new SpinDetector()
let looks = 0
track?.onOpen(() => {
  setInterval(() => {
    console.log(kept.length > 0 ? spins.look().toFixed(1) : '')
    if (++looks === 5) track.sendMessageBinary(Buffer.from('81ca00021234567801ff6161', 'hex'))
  }, 200)
})
sender.setLocalDescription()
