import assert from 'node:assert/strict'
import { eventually } from '../../../support/eventually.ts'
import type { Colour } from '../../../support/page-probe.ts'
import { scene } from './scene.ts'

const { house } = scene
const desktop = scene.lobby('desktop', 'Desktop')

desktop.test('the wall shows what goes on in a lobby that nobody is in, and encodes nothing for it', async (t) => {
  const encodedUnits = () => house.metric('porchlight_units_encoded_total{producer="lobby"}')
  const before = await encodedUnits()
  await desktop.machine.paint('#c84028')
  const viewer = await scene.sit()
  const { page, complaints } = viewer
  const picture = page.getByRole('article').filter({ hasText: 'Desktop' }).locator('img.house-picture')
  await picture.waitFor()
  const isNear = (wanted: Colour) => (seen: readonly Colour[] | undefined) =>
    seen?.[0]?.every((value, index) => Math.abs(value - (wanted[index] ?? 0)) <= 16) === true
  /** The colour of the wallpaper, right of everything else. */
  const colour = () => viewer.probe('thumbnailColours', [{ x: 0.97, y: 0.25 }])
  await eventually(colour, isNear([0xc8, 0x40, 0x28]), { what: 'the first colour' })
  await desktop.machine.paint('#2060d0')
  await eventually(colour, isNear([0x20, 0x60, 0xd0]), { what: 'the second colour', withinMs: 15_000 })
  assert.equal(await encodedUnits(), before)
  const { status, headers } = await house.api('GET', `lobbies/${desktop.id}/thumbnail`)
  t.diagnostic(`a thumbnail has ${headers['content-length']} bytes`)
  assert.equal(status, 200)
  assert.deepEqual(complaints, [])
})

desktop.test('a wall that nobody looks at asks for nothing', async () => {
  const viewer = await scene.sit()
  const asked = () => viewer.addresses.filter((address) => address.endsWith('/thumbnail')).length
  await eventually(
    async () => asked(),
    (count) => count > 0,
    { what: 'a thumbnail' },
  )
  await viewer.stepInto('Desktop')
  const before = asked()
  await new Promise((resolve) => setTimeout(resolve, 5000))
  assert.equal(asked(), before)
})
