import { encodePicture, type WebPicture } from '../../src/wire/web-media/host-media-message.ts'
import { decodeClientMedia, type ClientMediaMessage } from '../../src/wire/web-media/client-media-message.ts'

/** The host's end of one media socket. */
export class ScriptedMediaSocket extends EventTarget {
  readonly url: string
  readonly protocols: readonly string[]
  readonly heard: ClientMediaMessage[] = []
  readyState = 0
  bufferedAmount = 0
  binaryType = 'blob'
  closedWith: number | undefined

  constructor(url: string, protocols: readonly string[]) {
    super()
    this.url = url
    this.protocols = protocols
  }

  send(bytes: Uint8Array): void {
    this.heard.push(decodeClientMedia(bytes))
  }

  close(code: number): void {
    if (this.readyState === 3) return
    this.closedWith = code
    this.drop(code)
  }

  open(): void {
    this.readyState = 1
  }

  show({ key = true } = {}): void {
    const picture: WebPicture = {
      codec: 'h264',
      key,
      captureUs: 1,
      width: 2,
      height: 2,
      data: Uint8Array.of(1),
    }
    for (const { buffer } of encodePicture(picture)) {
      this.dispatchEvent(new MessageEvent('message', { data: buffer }))
    }
  }

  drop(code = 1006): void {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }))
  }
}

/** As much of the browser's media over the web port as the client's decisions need: what is decoded is seen at once. */
export class ScriptedWebMedia {
  canDecode: readonly 'h264'[] = []
  wantsHeadStart = false
  /** Tracks that are being sent now, with what takes their packets. */
  readonly voices = new Map<unknown, (packet: { timestamp: number; data: Uint8Array }) => void>()
  readonly sockets: ScriptedMediaSocket[] = []

  codecs = async () => this.canDecode
  whyNot = () => 'this machine has no decoder'

  createSocket = (url: string, protocols: string[]) => {
    const socket = new ScriptedMediaSocket(url, protocols)
    this.sockets.push(socket)
    return socket
  }

  whyMute = () => undefined

  openVoice = (
    track: unknown,
    { onPacket }: { onPacket: (packet: { timestamp: number; data: Uint8Array }) => void },
  ) => {
    this.voices.set(track, onPacket)
    return { close: () => void this.voices.delete(track) }
  }

  openPlayer = ({ shows }: { shows: () => void }) => ({
    tracks: {
      video: Object.assign(new EventTarget(), { kind: 'video', muted: false }),
      audio: Object.assign(new EventTarget(), { kind: 'audio', muted: false }),
    },
    picture: shows,
    sound() {},
    counts: () => ({}),
    close() {},
  })
}
