/**
 * Records picture and sound of a lobby into a Matroska file, as the host encoded them.
 *
 *     node examples/client/record.ts 'https://host/#lobby=...&invite=...' lobby.mkv 60
 */
import * as av from 'node-av/constants'
import { FormatContext, Packet, Rational, type Stream } from 'node-av/lib'
import { PorchlightClient, type WebPicture } from '../../src/client/index.ts' // elsewhere: 'porchlight/client'

const [, , link = '', file = 'lobby.mkv', seconds = '60'] = process.argv
const output = new FormatContext()
output.allocOutputContext2(null, 'matroska', file)
let streams: { readonly video: Stream; readonly audio: Stream; readonly beginUs: number } | undefined

const client = new PorchlightClient({ signallingUrl: link, media: 'encoded', codecs: ['h264'] })
client.on('picture', (picture) => {
  streams ??= begin(picture)
  write(streams.video, picture, picture.key)
})
client.on('sound', (sound) => streams && write(streams.audio, sound, true))
client.on('stateChange', (state) => console.error(state))
await client.start()
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000))
await client.close()
output.writeTrailerSync()
output.closeOutputSync()

/** Both streams begin with the first picture, which is a key picture and says all that the file's header needs. */
function begin({ width, height, data, captureUs }: WebPicture) {
  const [video, audio] = [output.newStream(), output.newStream()]
  Object.assign(video.codecpar, { codecType: av.AVMEDIA_TYPE_VIDEO, codecId: av.AV_CODEC_ID_H264, width, height })
  video.codecpar.extradata = Buffer.from(data)
  Object.assign(audio.codecpar, { codecType: av.AVMEDIA_TYPE_AUDIO, codecId: av.AV_CODEC_ID_OPUS, sampleRate: 48_000 })
  audio.codecpar.channelLayout = av.AV_CHANNEL_LAYOUT_STEREO
  audio.codecpar.extradata = Buffer.from('OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00', 'latin1')
  output.openOutputSync()
  output.writeHeaderSync()
  return { video, audio, beginUs: captureUs }
}

function write(stream: Stream, { captureUs, data }: { captureUs: number; data: Uint8Array }, key: boolean): void {
  using packet = new Packet()
  packet.alloc()
  const time = BigInt(Math.round(captureUs - (streams?.beginUs ?? 0)))
  if (time < 0n) return
  Object.assign(packet, { data: Buffer.from(data), streamIndex: stream.index, pts: time, dts: time })
  packet.isKeyframe = key
  packet.rescaleTs(new Rational(1, 1_000_000), stream.timeBase)
  output.interleavedWriteFrameSync(packet)
}
