import assert from 'node:assert/strict'
import * as v from 'valibot'
import { recordPage, sessionTimeline } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { heldInDisplay, isNothing } from '../../../support/held-in-display.ts'
import { viewerProcess } from '../../../support/lobby-machine.ts'
import type { Colour } from '../../../support/page-probe.ts'
import { scene } from './scene.ts'
import { blockUdp, untilByPath } from '../../../support/udp-block.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')
const aside = { x: 0.3, y: 0.6 }
/** Where the pointer, which is part of the picture, is not. */
const field = { x: 0.7, y: 0.4 }
const red: Colour = [0xf2, 0x77, 0x7a]
const blue: Colour = [0x7a, 0xa7, 0xe8]

for (const [how, signal, reason] of [
  ['killed', 'SIGKILL', /it was killed/],
  ['stopped', 'SIGSTOP', /it was stopped/],
] as const) {
  terminal.test(
    `all who watch go on in their sessions when the viewer process is ${how}, and a held key is up`,
    async (t) => {
      const [player, other, byWebPort] = await Promise.all([scene.sit(), scene.sit(), scene.sit()])
      await blockUdp(byWebPort.page)
      for (const viewer of [player, other, byWebPort]) await viewer.stepInto('Terminal')
      await Promise.all([player, other].map(({ page }) => untilByPath(page, undefined)))
      await untilByPath(byWebPort.page, 'web port')
      await player.takeControl(aside)
      await player.enter(String.raw`printf '\033[41m\033[2J'`)
      await Promise.all([player, other, byWebPort].map((viewer) => viewer.untilColour(field, red)))
      const x = await terminal.machine.connect()
      t.after(() => x.close())
      await player.page.keyboard.down('Shift')
      await eventually(
        () => heldInDisplay(x),
        (held) => held.keys.length === 1,
        { what: 'the held key in the display' },
      )
      const before = await openSessions()
      const victim = await viewerProcess(house)
      process.kill(victim.pid, signal)
      await eventually(() => heldInDisplay(x), isNothing, { what: 'the key up again' })
      await player.page.keyboard.up('Shift')
      // Keys that are struck while nothing carries them are lost, and what is left of a line may wait for its end.
      await eventually(
        async () => {
          await player.page.keyboard.press('Control+c')
          await player.enter(String.raw`printf '\033[44m\033[2J'`)
          return player.untilColour(field, blue, 3000).then(
            () => true,
            () => false,
          )
        },
        (isBlue) => isBlue,
        { what: 'a blue terminal', withinMs: 30_000 },
      )
      await Promise.all([other, byWebPort].map((viewer) => viewer.untilColour(field, blue)))
      await eventually(
        () => viewerProcess(house).catch(() => victim),
        ({ pid }) => pid !== victim.pid,
        { what: 'another viewer process' },
      )
      await Promise.all([player, other].map(({ page }) => untilByPath(page, undefined)))
      assert.deepEqual(await openSessions(), before, 'they are the same sessions')
      const told = await Promise.all(before.map(interruptionsOf))
      assert.equal(told.flat().length, 2, 'who came by the web port noticed nothing')
      for (const text of told.flat()) assert.match(text, reason)
      const health = (await house.api('GET', '/healthz')).json()
      assert.deepEqual(health, { status: 'ok', down: [] })
      const metrics = await house.metrics()
      assert.equal(metrics.get(`porchlight_viewer_process_restarts_total{cause="${how}"}`), 1)
      assert.equal(metrics.get('porchlight_viewer_process_up'), 1)
    },
  )
}

async function openSessions(): Promise<string[]> {
  const { records } = v.parse(recordPage, (await house.api('GET', 'records')).json())
  return records.flatMap(({ endedAt, sessionId }) => (endedAt === null ? [sessionId] : [])).toSorted()
}

async function interruptionsOf(sessionId: string): Promise<string[]> {
  const { stays } = v.parse(sessionTimeline, (await house.api('GET', `records/${sessionId}`)).json())
  const entries = stays.flatMap((stay) => stay.entries).filter(({ kind }) => kind === 'interruption')
  return entries.map(({ detail }) => String(detail['reason']))
}
