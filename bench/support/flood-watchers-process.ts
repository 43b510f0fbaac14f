/**
 * Two who watch while others flood, one over WebRTC and one through the web port, in a process of their own; see
 * flood-watchers.ts. Each comes back by itself when it is cut off.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { RtcReceiver } from '../../test/support/rtc-receiver.ts'
import { openEncodedClient } from './encoded-client.ts'
import type { WatcherAnswer, WatcherOrder, WatcherSample } from './flood-watchers.ts'

/** The longest that a timer can run: for good. */
const longestMs = 2 ** 31 - 1

/** Pictures of one watcher since the last sample. */
class PictureGaps {
  #pictures = 0
  #lastMs = Number.NaN
  #longestMs = 0
  #losses = 0

  shown(): void {
    this.#pictures++
    const nowMs = performance.now()
    if (!Number.isNaN(this.#lastMs)) this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastMs)
    this.#lastMs = nowMs
  }

  lost(): void {
    this.#losses++
  }

  take(): WatcherSample['rtc'] {
    // A gap that has not ended yet counts as well.
    const longestGapMs = Math.max(this.#longestMs, performance.now() - this.#lastMs)
    const taken = { pictures: this.#pictures, longestGapMs, losses: this.#losses }
    this.#pictures = 0
    this.#longestMs = 0
    this.#losses = 0
    return taken
  }
}

const [rtc, web] = [new PictureGaps(), new PictureGaps()]
let udpPort = 0
let began: Promise<void> | undefined

process.once('disconnect', () => process.exit(0))
process.on('message', (order: WatcherOrder) => {
  if (order.do === 'watch') began ??= Promise.all([watchByRtc(order), watchByWeb(order)]).then(() => {})
  const answer = (sample: WatcherAnswer) => process.send?.(sample)
  void (began ?? Promise.resolve()).then(
    () => answer({ id: order.id, sample: { rtc: rtc.take(), web: web.take(), udpPort } }),
    (error: unknown) => answer({ id: order.id, error: String(error) }),
  )
})

/** Resolves with the first picture, and goes on for good. */
async function watchByRtc(order: Extract<WatcherOrder, { do: 'watch' }>): Promise<void> {
  const { promise: first, resolve } = Promise.withResolvers<void>()
  const open = async () => {
    const receiver = new RtcReceiver({
      ...order,
      onPicture: () => {
        rtc.shown()
        resolve()
      },
    })
    await receiver.message('ready')
    receiver.offer()
    const { candidate } = await receiver.message('candidate')
    udpPort = Number(/ 127\.0\.0\.1 (\d+) typ host/.exec(candidate)?.[1] ?? udpPort)
    await receiver.until(({ closeCode }) => closeCode !== undefined, 'the end', longestMs)
  }
  void (async () => {
    for (;;) {
      await open().catch(() => {})
      rtc.lost()
      await pause(200)
    }
  })()
  await first
}

async function watchByWeb({
  url: signallingUrl,
  token,
  lobbyId,
}: Extract<WatcherOrder, { do: 'watch' }>): Promise<void> {
  const client = await openEncodedClient(signallingUrl, token)
  const first = new Promise<void>((resolve) => {
    client.on('picture', () => {
      web.shown()
      resolve()
    })
  })
  client.on('stateChange', (state) => {
    if (state === 'reconnecting') web.lost()
  })
  await client.start({ lobbyId })
  await first
}
