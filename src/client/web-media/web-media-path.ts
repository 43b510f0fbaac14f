import type { VideoCodec } from '../../domain/video-codec.ts'
import type { Clock, Timer } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { Ending } from '../../kernel/ending.ts'
import { ConversationMonitor, planConversation } from '../../kernel/monitor/conversation.ts'
import { ConversationPeer } from '../../kernel/monitor/conversation-peer.ts'
import type { ContentsOf, WordsOf } from '../../kernel/monitor/typed-conversation.ts'
import { encodeClientMedia } from '../../wire/web-media/client-media-message.ts'
import { decodeHostMedia } from '../../wire/web-media/host-media-message.ts'
import { PictureAssembly } from '../../wire/web-media/picture-assembly.ts'
import { webMedia } from '../../wire/web-media/protocol.ts'
import { ticketSubprotocolPrefix, webMediaCloseCode, webMediaSubprotocol } from '../../wire/web-media/subprotocol.ts'
import { ClientError } from '../contract/client-error.ts'
import { watchFlow, type Flow } from '../path/flow-watch.ts'
import type { MediaPath } from '../path/media-path.ts'
import { WebInputChannel } from './web-input-channel.ts'
import { Receipts } from './receipts.ts'
import type { VoiceCapture } from './voice-capture.ts'
import type { WebMediaPlatform } from './web-media-platform.ts'

export interface WebMediaPathOptions {
  readonly url: string
  readonly ticket: string
  /** What is behind the socket. */
  readonly kind: 'web-port' | 'native'
  readonly platform: WebMediaPlatform
  readonly clock: Clock
  /** Whether something still comes has changed. */
  readonly onFlow: (flow: Flow) => void
}

/** Media that comes through the web port. Its end is an error, unless it was closed here. */
export interface WebMediaPath extends MediaPath {
  /** Resolves when there is a picture to be seen; rejects when it ends before. */
  readonly ready: Promise<void>
  /** Picture and input go on over another path. */
  moved(): Promise<void>
  /** It is lost, as far as its owner can tell. */
  abandon(): Promise<void>
}

type Words<R extends 'client' | 'host' = 'client'> = WordsOf<typeof webMedia, R>

const plan = planConversation(webMedia, 'client')
/** A decoder that cannot go on asks again after this, should no key picture come. */
const keyRequestMs = 500
/** A picture that stands still comes again within a second. */
const lingerMs = 1500
const silentMs = 2500
const openState = 1
/** With more in wait, a voice would come too late to be of use. */
const mostWaitingBytes = 16 * 1024

/** Opens the socket that the ticket is for. */
export function openWebMediaPath({ kind, url, ticket, platform, clock, onFlow }: WebMediaPathOptions): WebMediaPath {
  const ready = Promise.withResolvers<void>()
  // Whoever awaits it gets the error; nobody has to.
  ready.promise.catch(() => {})
  const gone = Promise.withResolvers<void>()
  const assembly = new PictureAssembly()
  let closeCode = 1000
  let keyTimer: Timer | undefined
  let messages = 0
  let codec: VideoCodec | undefined
  let voice: VoiceCapture | undefined

  const socket = platform.createSocket(url, [webMediaSubprotocol, ticketSubprotocolPrefix + ticket])
  socket.binaryType = 'arraybuffer'
  const player = platform.openPlayer({ shows: () => ready.resolve(), needsKey: () => wantKey() })

  const ending = new Ending(async (end) => {
    ready.reject(end.kind === 'error' ? end.error : new ClientError('closed', 'The media socket was closed'))
    keyTimer?.cancel()
    flow.cancel()
    receipts.close()
    voice?.close()
    socket.close(closeCode)
    await gone.promise
    // A track that has ended is black: the last picture stands until there is one by another path.
    if (closeCode === webMediaCloseCode.moved || end.kind === 'error') clock.after(lingerMs, () => player.close())
    else player.close()
  })
  const flow = watchFlow({ clock, amount: () => messages, silentMs, onFlow })
  const fail = (message: string) => void ending.fail(new ClientError('media-lost', message))
  const host = new ConversationPeer({
    conversation: webMedia,
    role: 'client',
    watch: new ConversationMonitor(plan),
    write: (message) => socket.send(encodeClientMedia(message)),
  })
  const send = <Label extends keyof Words>(label: Label, ...contents: ContentsOf<Words[Label]>) => {
    if (socket.readyState === openState && !ending.begun) host.send(label, ...contents)
  }
  const receipts = new Receipts(clock, (arrivalsUs) => send('receipt', { arrivalsUs }))
  const channel = (type: 'keys' | 'pointer') =>
    new WebInputChannel({ socket, isOpen: () => !ending.begun, send: (data) => send(type, { data }) })
  const pointer = channel('pointer')
  const wantKey = () => {
    if (ending.begun) return
    send('want-key')
    keyTimer?.cancel()
    keyTimer = clock.after(keyRequestMs, wantKey)
  }
  const takePiece = (message: Words<'host'>['picture' | 'part']) => {
    const picture = assembly.add(message)
    if (!picture) return
    if (picture.key) keyTimer?.cancel()
    codec = picture.codec
    player.picture(picture)
  }
  host.on({
    picture: takePiece,
    part: takePiece,
    sound: (message) => player.sound(message),
    pointers: ({ data }) => pointer.tell(data),
    padding: () => {},
  })
  socket.addEventListener('message', (event) => {
    if (ending.begun) return
    messages++
    const atMs = clock.nowMs()
    try {
      host.receive(decodeHostMedia(new Uint8Array((event as MessageEvent<ArrayBuffer>).data)))
      receipts.add(atMs)
    } catch (error) {
      fail(`The host broke the protocol of the media socket: ${messageOf(error)}`)
    }
  })
  socket.addEventListener('close', (event) => {
    gone.resolve()
    const { code } = event as CloseEvent
    fail(`The media socket was lost (${code})`)
  })

  return {
    by: 'web-port',
    tracks: player.tracks,
    keys: channel('keys'),
    pointer,
    whyMute: platform.whyMute(),
    speak(track, tell) {
      voice?.close()
      voice = undefined
      if (!track || ending.begun) return
      try {
        voice = platform.openVoice(track, {
          onPacket(packet) {
            if (socket.bufferedAmount > mostWaitingBytes) return
            send('voice', packet)
            tell({ heard: true })
          },
          onFailure: (reason) => tell({ heard: false, reason }),
        })
      } catch (error) {
        tell({ heard: false, reason: `The microphone cannot be read: ${messageOf(error)}` })
      }
    },
    ready: ready.promise,
    sample: () =>
      Promise.resolve({
        ...player.counts(),
        atMs: clock.nowMs(),
        packetsReceived: messages,
        packetsLost: 0,
        codec: codec?.toUpperCase(),
        roundTripS: undefined,
        path: kind,
      }),
    moved() {
      closeCode = webMediaCloseCode.moved
      return ending.close('moved')
    },
    abandon: () => ending.fail(new ClientError('media-lost', 'Nothing came by the media socket any more')),
    close: (reason) => ending.close(reason),
    closed: ending.closed,
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
