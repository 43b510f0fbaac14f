/**
 * Receives streams in a process of its own, so that what receiving costs is not counted as the host's. It does what its
 * parent says and ends with it; see receivers.ts.
 */
import { createHash } from 'node:crypto'
import { RtcReceiver } from '../../test/support/rtc-receiver.ts'
import { NativeReceiver } from './native-receiver.ts'
import type { ReceiverAnswer, ReceiverOrder, ReceiverSample } from './receivers.ts'

/** A gap between two pictures that people see as a freeze, in milliseconds. */
const freezeMs = 250

interface Receiving {
  readonly receiver: RtcReceiver | NativeReceiver
  readonly gap: { lastMs: number; longestMs: number; freezes: number; frozenMs: number }
  taken: ReceiverSample['viewers'][number]
}

const receiving: Receiving[] = []
/** Pictures of all receivers, told apart by their contents. */
let distinct = new Set<string>()

process.on('message', (order: ReceiverOrder) => {
  void carryOut(order).then(
    (sample) => answer({ id: order.id, sample }),
    (error: unknown) => answer({ id: order.id, error: String(error) }),
  )
})
process.once('disconnect', () => process.exit(0))

function answer(message: ReceiverAnswer): void {
  process.send?.(message)
}

async function carryOut(order: ReceiverOrder): Promise<ReceiverSample> {
  if (order.do === 'open') for (let opened = 0; opened < order.count; opened++) await open(order)
  const sample = { viewers: receiving.map(takeCounts), distinctPictures: distinct.size }
  distinct = new Set()
  if (order.do === 'close') {
    await Promise.all(receiving.splice(0).map(({ receiver }) => receiver.close()))
  }
  return sample
}

/** Resolves when it has been sent a picture. */
async function open(order: Extract<ReceiverOrder, { do: 'open' }>): Promise<void> {
  const { url, token, lobbyId, limitBps, bindAddress, nativeLink } = order
  const gap = { lastMs: Number.NaN, longestMs: 0, freezes: 0, frozenMs: 0 }
  const onPicture = ({ data }: { readonly data: Uint8Array }) => {
    distinct.add(createHash('sha1').update(data).digest('base64'))
    const nowMs = performance.now()
    const gapMs = nowMs - gap.lastMs
    gap.lastMs = nowMs
    gap.longestMs = Math.max(gap.longestMs, gapMs || 0)
    if (gapMs > freezeMs) {
      gap.freezes++
      gap.frozenMs += gapMs
    }
  }
  if (nativeLink !== undefined) {
    const receiver = await NativeReceiver.open({ link: nativeLink, lobbyId, limitBps, onPicture })
    receiving.push({ receiver, gap, taken: takeAll(receiver) })
    return
  }
  const receiver = new RtcReceiver({
    url,
    ...(token === undefined ? {} : { token }),
    ...(lobbyId === undefined ? {} : { lobbyId }),
    ...(bindAddress === undefined ? {} : { bindAddress }),
    onPicture,
  })
  await receiver.message('ready')
  receiver.send({ type: 'limit', bitrateBps: limitBps })
  receiver.offer()
  await receiver.until(({ counts }) => counts.pictures > 0, 'the first picture')
  receiving.push({ receiver, gap, taken: takeAll(receiver) })
}

function takeAll({ counts, audio }: Receiving['receiver']): Receiving['taken'] {
  const { packets, bytes, pictures, keyPictures, recovered } = counts
  const sound = { audioPackets: audio.packets, audioBytes: audio.bytes }
  return { packets, bytes, pictures, keyPictures, recovered, ...sound, longestGapMs: 0, freezes: 0, frozenMs: 0 }
}

/** What has come since the last time. */
function takeCounts(each: Receiving): Receiving['taken'] {
  const { gap, taken: before } = each
  const all = takeAll(each.receiver)
  each.taken = all
  // A gap that has not ended yet counts as well.
  const openGapMs = performance.now() - gap.lastMs
  const counts = {
    packets: all.packets - before.packets,
    bytes: all.bytes - before.bytes,
    pictures: all.pictures - before.pictures,
    keyPictures: all.keyPictures - before.keyPictures,
    recovered: all.recovered - before.recovered,
    audioPackets: all.audioPackets - before.audioPackets,
    audioBytes: all.audioBytes - before.audioBytes,
    longestGapMs: Math.max(gap.longestMs, openGapMs),
    freezes: gap.freezes,
    frozenMs: gap.frozenMs,
  }
  gap.longestMs = 0
  gap.freezes = 0
  gap.frozenMs = 0
  return counts
}
