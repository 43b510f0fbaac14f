import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { openChromium } from '../../test/support/chromium.ts'
import { openPorchlight } from '../../test/support/running-porchlight.ts'
import { openSpeakingChromium } from '../../test/support/speaking-chromium.ts'
import { openSeats, type ViewerPage } from '../../test/support/viewer-page.ts'
import { blockUdp, untilByPath } from '../../test/support/udp-block.ts'
import { percentiles, table } from '../support/figures.ts'

const voiceHz = 700
/** A short sound every second. */
const syllable = { onMs: 50, offMs: 950 } as const
const shares = [0.5, 0.95, 1]
const warmUpMs = 5000

/**
 * From a sound in the track of one page's microphone to the same sound in the track that another page plays, of one machine:
 * both pages say by the one real-time clock when it began there. What a real microphone and a real loudspeaker add is not in it.
 */
export async function measureMouthToEar(seconds: number): Promise<string> {
  await using speaking = await openSpeakingChromium(voiceHz, syllable)
  await using listening = await openChromium()
  const seat = await openSeats()
  const rows: string[][] = []
  for (const path of ['WebRTC', 'web port'] as const) {
    await using house = await openPorchlight({ flags: ['--app', 'terminal'] })
    const { id: lobbyId } = await house.firstLobby()
    await house.api('PATCH', `lobbies/${lobbyId}`, { body: { voice: 'players' } })
    const owner = await seat(listening.browser, house.link)
    await owner.page.evaluate(earScript)
    if (path === 'web port') await blockUdp(owner.page)
    await owner.stepInto('Terminal')
    const { link } = await house.invite(lobbyId, 'player')
    const player = await seat(speaking.chromium.browser, new URL(link).origin)
    await player.page.evaluate(earScript)
    if (path === 'web port') await blockUdp(player.page)
    await player.page.evaluate(`location.assign(${JSON.stringify(link)})`)
    await player.comeIn()
    await player.untilLive()
    for (const viewer of [owner, player]) await untilByPath(viewer.page, path === 'WebRTC' ? undefined : path)
    await turnOn(player)
    await pause(warmUpMs)
    await owner.page.evaluate("ears.listen(document.querySelector('video').srcObject.getAudioTracks()[0])")
    await pause(seconds * 1000)
    const [said, heard] = await Promise.all([onsets(player.page), onsets(owner.page)])
    const delays = heard.flatMap((atMs) => {
      const sinceMs = atMs - (said.findLast((saidMs) => saidMs <= atMs) ?? Number.NaN)
      return sinceMs < 900 ? [sinceMs] : []
    })
    rows.push([`${path} both ways`, `${delays.length}`, percentiles(delays, shares)])
    await Promise.all([owner.leave(), player.leave()])
  }
  return table(['mouth to ear', 'sounds', 'p50 / p95 / max ms'], rows)
}

async function turnOn({ page }: ViewerPage): Promise<void> {
  const button = page.locator('.bar .microphone')
  await button.waitFor({ state: 'attached' })
  await button.evaluate((element) => (element as unknown as { click(): void }).click())
  await page.locator('.microphone[data-state="on"]').waitFor({ state: 'attached' })
}

function onsets(page: Page): Promise<number[]> {
  return page.evaluate<number[]>('ears.onsets')
}

/** Notes when a sound begins after silence in a track: that of the microphone, or one that it is told of. */
const earScript = `{
  const processor = \`registerProcessor('ear', class extends AudioWorkletProcessor {
    #quiet = 0
    process([input]) {
      const samples = input?.[0] ?? []
      const isLoud = samples.some((sample) => Math.abs(sample) > 0.01)
      if (isLoud && this.#quiet > sampleRate / 10) this.port.postMessage(currentTime)
      this.#quiet = isLoud ? 0 : this.#quiet + 128
      return true
    }
  })\`
  const ears = {
    onsets: [],
    async listen(track) {
      const context = new AudioContext({ latencyHint: 'interactive' })
      await context.audioWorklet.addModule(URL.createObjectURL(new Blob([processor], { type: 'text/javascript' })))
      const node = new AudioWorkletNode(context, 'ear')
      node.port.onmessage = () => ears.onsets.push(performance.timeOrigin + performance.now())
      context.createMediaStreamSource(new MediaStream([track])).connect(node).connect(context.destination)
      await context.resume()
    },
  }
  globalThis.ears = ears
  const getUserMedia = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices)
  if (getUserMedia) {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints)
      void ears.listen(stream.getAudioTracks()[0].clone())
      return stream
    }
  }
}`
