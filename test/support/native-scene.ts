import { systemClock } from '../../src/kernel/clock.ts'
import type { Pipe } from '../../src/kernel/pipe.ts'
import { KnownHosts } from '../../src/net/identity/known-hosts.ts'
import { nodeCrypto } from '../../src/net/native/node-crypto.ts'
import { Connector } from '../../src/view/connect/connector.ts'
import { openOwnEnd } from '../../src/view/connect/own-end.ts'
import { HostVisit } from '../../src/view/host/host-visit.ts'
import { encodeKeysMessage } from '../../src/wire/input/keys-message.ts'
import { decodeServerMessage, encodeSignal } from '../../src/wire/signal/codec.ts'
import type { ClientMessage, ServerMessage } from '../../src/wire/signal/messages.ts'
import { openRig, sceneOf, viewerOf } from './browser-scene.ts'
import { eventually } from './eventually.ts'
import { openUdpPath } from './udp-path.ts'
import type { ContractViewer, SeenPicture } from './viewer-contract.ts'

/** The native transport on real sockets, through a path that is as bad as it is told to be; the client's end is the product's. */
export const openNativeScene = sceneOf(
  (toClose) => openRig(toClose, { native: true }),
  async ({ native }, member, toClose) => {
    if (!native) throw new Error('The native transport is not served')
    const own = nodeCrypto.newKeyPair()
    native.letIn(own.publicKey, member)
    const arrive = async (resume?: Signal['session']): Promise<ContractViewer> => {
      const path = await openUdpPath({ down: { delayUs: 5_000 } })
      path.targetPort = native.port
      toClose(() => path.close())
      const end = await openOwnEnd({ own, clock: systemClock })
      toClose(() => end.close())
      let known = new KnownHosts()
      const connector = new Connector({
        link: { host: '127.0.0.1', port: path.port, key: native.publicKey, invitation: undefined },
        end,
        files: { knownHosts: () => known, changeKnownHosts: (change) => void (known = change(known)) },
        introduction: { name: 'Nobody', device: 'Test', pin: () => Promise.resolve(undefined) },
        clock: systemClock,
      })
      const pictures: SeenPicture[] = []
      const early: Parameters<HostVisit['hear']>[0][] = []
      let visit: HostVisit | undefined
      // With the host's first words comes what lets this go on.
      const { channel } = await connector.connect('session', (message) =>
        visit ? visit.hear(message) : early.push(message),
      )
      const tap = { picture: (picture: SeenPicture) => void pictures.push(picture), sound() {} }
      const opened = (visit = new HostVisit(channel, [tap]))
      for (const message of early) opened.hear(message)
      const signal = new Signal(opened)
      await signal.said('ready')
      if (resume) {
        signal.send({ type: 'reconnect', ...resume })
        await signal.said('reconnect-ack')
      } else signal.send({ type: 'leave' })
      signal.send({ type: 'web-media', codecs: ['h264'], audio: true })
      await signal.said('web-media-ticket')
      const lost = (share: number) => {
        path.down.lossRatio = share
        path.up.lossRatio = share
      }
      return viewerOf(signal, pictures, {
        requestKey: () => channel.wantKey(),
        press: (code) => channel.key(encodeKeysMessage({ type: 'key', code, key: 'w', down: true })),
        lose: (share) => (path.down.lossRatio = share),
        narrow: (rateBps) => (path.down.rateBps = rateBps),
        sleep: (asleep) => lost(asleep ? 1 : 0),
        breakProtocol: () => channel.key(Uint8Array.of(250, 1, 2, 3)),
        back: () => arrive(signal.session),
      })
    }
    return await arrive()
  },
)

class Signal {
  readonly messages: ServerMessage[] = []
  closeCode: number | undefined
  readonly #pipe: Pipe

  constructor(pipe: Pipe) {
    this.#pipe = pipe
    pipe.listen({ message: (message) => void this.messages.push(decodeServerMessage(message)), fault: () => {} })
    void pipe.closed.then(({ code = 1006 }) => (this.closeCode = code))
  }

  get session(): { readonly sessionId: string; readonly resumeToken: string } {
    const last = this.messages.findLast(({ type }) => type === 'reconnect-ack' || type === 'ready')
    if (last?.type === 'ready') return { sessionId: last.id, resumeToken: last.resumeToken ?? '' }
    if (last?.type === 'reconnect-ack') return { sessionId: last.sessionId, resumeToken: last.resumeToken ?? '' }
    throw new Error('Nobody has greeted')
  }

  send(message: ClientMessage): void {
    this.#pipe.send(encodeSignal(message))
  }

  cutSocket(): void {
    this.#pipe.close(undefined, 'cut')
  }

  async said(type: ServerMessage['type']): Promise<void> {
    await eventually(
      () => this.messages,
      (messages) => messages.some((message) => message.type === type),
      { what: type },
    )
  }
}
