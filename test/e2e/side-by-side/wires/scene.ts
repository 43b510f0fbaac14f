import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { openScene } from '../../../support/scene.ts'
import { openSpeakingChromium } from '../../../support/speaking-chromium.ts'

/** Not among those that the system gives away by itself; Moonlight's has others beside it. */
export const moonlightPort = randomInt(12_000, 20_000)
export const nativePort = randomInt(21_000, 30_000)
export const recordings = await mkdtemp(join(tmpdir(), 'porchlight-recordings-'))
after(() => rm(recordings, { recursive: true }))

const moonlight = ['--moonlight', 'on', '--moonlight-port', `${moonlightPort}`]
const native = ['--native', 'on', '--native-port', `${nativePort}`]

/** What the microphone of that browser hears. */
export const voiceHz = 660

/** A server with all its ways in and a browser beside them, whose user speaks. */
export const scene = await openScene({
  flags: ['--no-lobby', ...moonlight, ...native, '--record', recordings],
  async openBrowser() {
    const speaking = await openSpeakingChromium(voiceHz)
    return { browser: speaking.chromium.browser, [Symbol.asyncDispose]: () => speaking[Symbol.asyncDispose]() }
  },
})
