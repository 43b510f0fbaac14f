import assert from 'node:assert/strict'
import * as v from 'valibot'
import { session, sessionTimeline } from '../../../src/wire/api/resources.ts'
import { openChromium } from '../../support/chromium.ts'
import { eventually } from '../../support/eventually.ts'
import { openScene } from '../../support/scene.ts'

/** The scenario of seed 001's table that takes its time: on a server that waits for less than the usual minute, and with a browser of its own, which sleeps. */
const sleeper = await openChromium()
const scene = await openScene({
  flags: ['--app', 'terminal', '--idle-timeout', '20'],
  openBrowser: async () => sleeper,
})
const { house } = scene

scene.test(
  'session times out: after so much silence as it may have it is stopped as idle, with the browser asleep',
  async () => {
    const viewer = await scene.sit()
    await viewer.stepInto('Terminal')
    const [own] = await sessions()
    assert.ok(own)
    sleeper.pause()
    try {
      await eventually(sessions, (now) => now.length === 0, { what: 'the end of the session', withinMs: 90_000 })
      const { stays } = v.parse(sessionTimeline, (await house.api('GET', `records/${own.id}`)).json())
      assert.deepEqual(
        stays.map(({ cause }) => cause),
        ['idle'],
      )
    } finally {
      sleeper.resume()
    }
  },
)

async function sessions() {
  return v.parse(v.array(session), (await house.api('GET', 'sessions')).json())
}
