import type { Member } from '../../src/domain/member.ts'
import { encodeKeysMessage } from '../../src/wire/input/keys-message.ts'
import { systemClock, sleep } from '../../src/kernel/clock.ts'
import { eventually } from './eventually.ts'
import { openGatewayRig, type GatewayRig } from './gateway-rig.ts'
import type { RtcReceiver } from './rtc-receiver.ts'
import { openUdpPath, type UdpPath } from './udp-path.ts'
import type { ContractScene, ContractViewer, SeenPicture } from './viewer-contract.ts'
import { WebMediaReceiver } from './web-media-receiver.ts'

const script = { fps: 60 }
const key = (code: string) => ({ type: 'key', code, key: 'w', down: true }) as const

/** The client's end of a conversation, whatever carries it. */
type Signal = Pick<RtcReceiver, 'session' | 'messages' | 'closeCode' | 'send' | 'cutSocket'>

/** What both wires have in common: signalling. Who has said nothing of where to be would be led into the first lobby. */
export function viewerOf(
  signal: Signal,
  pictures: readonly SeenPicture[],
  own: Pick<ContractViewer, 'requestKey' | 'press' | 'lose' | 'narrow' | 'sleep' | 'breakProtocol' | 'back'>,
): ContractViewer {
  const { sessionId } = signal.session
  return {
    ...own,
    sessionId,
    pictures,
    get lobbyId() {
      const place = signal.messages.findLast((message) => message.type === 'place')?.place
      return place?.kind === 'lobby' ? place.lobbyId : undefined
    },
    get refusals() {
      return signal.messages.flatMap((message) => (message.type === 'error' ? [message.code] : []))
    },
    get ended() {
      return signal.closeCode !== undefined
    },
    join: (lobbyId) => signal.send({ type: 'join', lobbyId }),
    leave: () => signal.send({ type: 'bye' }),
    vanish: () => signal.cutSocket(),
  }
}

export function sceneOf(
  open: (end: (close: () => Promise<void>) => void) => Promise<GatewayRig>,
  arrive: (rig: GatewayRig, member: Member, toClose: (close: () => Promise<void>) => void) => Promise<ContractViewer>,
): () => Promise<ContractScene> {
  return async () => {
    const closes: (() => Promise<void>)[] = []
    const toClose = (close: () => Promise<void>) => void closes.push(close)
    const rig = await open(toClose)
    return {
      host: rig.host,
      display: () => {
        const display = [...rig.parts.displays].at(-1)
        if (!display) throw new Error('There is no display')
        return display
      },
      observed: (sessionId) =>
        rig.events.flatMap((event) =>
          event.type === 'SessionObserved' && event.sessionId === sessionId ? [event.observation] : [],
        ),
      arrive: (member) => arrive(rig, member, toClose),
      until: (what, condition) => eventually(condition, Boolean, { what, withinMs: 15_000 }).then(() => undefined),
      pass: (durationMs) => sleep(systemClock, durationMs),
      async [Symbol.asyncDispose]() {
        for (const close of closes.toReversed()) await close()
      },
    }
  }
}

export function openRig(
  toClose: (close: () => Promise<void>) => void,
  options: Parameters<typeof openGatewayRig>[1] = {},
): Promise<GatewayRig> {
  return openGatewayRig({ after: toClose }, { script, ...options })
}

/** WebRTC on real sockets, through a path that is as bad as it is told to be. */
export const openWebRtcScene = sceneOf(
  (toClose) => openRig(toClose),
  async (rig, member, toClose) => {
    const arrive = async (resume?: RtcReceiver['session']): Promise<ContractViewer> => {
      const path: UdpPath = await openUdpPath({ down: { delayUs: 5_000 } })
      toClose(() => path.close())
      const pictures: SeenPicture[] = []
      let asleep = false
      const receiver = rig.receiver(member, {
        path,
        mute: () => asleep,
        onPicture: (picture) => pictures.push(picture),
        ...(resume && { resume }),
      })
      await receiver.message('ready')
      if (resume) await receiver.message('reconnect-ack')
      else receiver.send({ type: 'leave' })
      receiver.offer()
      await receiver.until(({ inputOpen }) => inputOpen, 'the input channels')
      return viewerOf(receiver, pictures, {
        requestKey: () => receiver.requestKeyframe(),
        press: (code) => receiver.input(key(code)),
        lose: (share) => (path.down.lossRatio = share),
        narrow: (rateBps) => (path.down.rateBps = rateBps),
        sleep: (isAsleep) => (asleep = isAsleep),
        breakProtocol: () => receiver.rawInput('keys', Uint8Array.of(250, 1, 2, 3)),
        back: () => arrive(receiver.session),
      })
    }
    return await arrive()
  },
)

/** The web port: signalling, and a media socket beside it. */
export const openWebPortScene = sceneOf(
  (toClose) => openRig(toClose),
  async (rig, member, toClose) => {
    const arrive = async (resume?: RtcReceiver['session']): Promise<ContractViewer> => {
      const signal = rig.receiver(member)
      await signal.message('ready')
      if (resume) {
        signal.send({ type: 'reconnect', ...resume })
        await signal.message('reconnect-ack')
      } else signal.send({ type: 'leave' })
      signal.send({ type: 'web-media', codecs: ['h264'], audio: true })
      const { ticket } = await signal.message('web-media-ticket')
      const media = new WebMediaReceiver(rig.mediaUrl, ticket)
      await media.opened()
      toClose(async () => media.close())
      return viewerOf(signal, media.pictures, {
        requestKey: () => media.send({ type: 'want-key' }),
        press: (code) => media.send({ type: 'keys', data: encodeKeysMessage(key(code)) }),
        lose() {},
        narrow() {},
        sleep: (asleep) => (media.stuck = asleep),
        breakProtocol: () => media.sendRaw(Uint8Array.of(99)),
        back: () => arrive(signal.session),
      })
    }
    return await arrive()
  },
)
