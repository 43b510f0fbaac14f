import { setTimeout as pause } from 'node:timers/promises'
import { RtcReceiver } from '../../test/support/rtc-receiver.ts'
import type { Flood, FloodTarget } from './flood-target.ts'
import { paced } from './paced.ts'

const receivers = 2
const controlsPerSecond = 2000
const eventsPerSecond = 5000
/** The most that each wants to be sent: it is not the pictures that are to cost. */
const limitBps = 500_000

/** RTCP of a viewer: requests for key pictures, and for packets to be sent again. */
export const rtcp: Flood = (target, signal) =>
  ofEach(target, 'viewer', signal, controlsPerSecond, (receiver, index) => {
    receiver.control((mediaSsrc) => {
      const own = { senderSsrc: 1, mediaSsrc }
      if (index % 2 === 0) return [{ type: 'picture-loss', ...own }]
      return [{ type: 'nack', ...own, sequences: Array.from({ length: 17 }, (_, back) => (index - back) & 0xffff) }]
    })
  })

/** Messages on the reliable channel of a viewer, who may not use it. */
export const dataChannels: Flood = (target, signal) =>
  ofEach(target, 'viewer', signal, eventsPerSecond, (receiver, index) => {
    receiver.input({ type: 'key', code: 'KeyA', key: 'a', down: index % 2 === 0 })
  })

/** A player's pointer, which goes wherever it can. */
export const pointer: Flood = (target, signal) =>
  ofEach(target, 'player', signal, eventsPerSecond, (receiver) => {
    receiver.input({ type: 'pointer', x: Math.random(), y: Math.random() })
  })

async function ofEach(
  target: FloodTarget,
  role: 'viewer' | 'player',
  signal: AbortSignal,
  perSecond: number,
  send: (receiver: RtcReceiver, index: number) => void,
): Promise<string> {
  let dials = 0
  const sent = await Promise.all(
    Array.from({ length: receivers }, async () => {
      let all = 0
      while (!signal.aborted) {
        dials++
        await using receiver = await watch(target, role)
        const over = new AbortController()
        const both = AbortSignal.any([signal, over.signal])
        await paced(perSecond, both, () => {
          if (receiver.closeCode !== undefined || !receiver.inputOpen) return over.abort()
          try {
            send(receiver, all)
          } catch {
            // It is being closed, which the library's own threads know first.
            return over.abort()
          }
          all++
        })
        if (!signal.aborted) await pause(200)
      }
      return all
    }),
  )
  return `${sent.reduce((sum, each) => sum + each, 0)} messages on ${dials} peer connections`
}

async function watch({ url, lobbyId, viewerToken, playerToken }: FloodTarget, role: 'viewer' | 'player') {
  const receiver = new RtcReceiver({ url, token: role === 'viewer' ? viewerToken : playerToken, lobbyId })
  await receiver.message('ready')
  receiver.send({ type: 'limit', bitrateBps: limitBps })
  receiver.offer()
  await receiver.until(({ counts, inputOpen }) => counts.pictures > 0 && inputOpen, 'pictures and channels')
  return receiver
}
