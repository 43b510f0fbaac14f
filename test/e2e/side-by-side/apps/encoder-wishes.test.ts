import assert from 'node:assert/strict'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'

const slim = scene.lobby('slim', 'Slim')

slim.test('a lobby whose app prefers VP8 and 0.6 Mbit/s is watched so, on a path that carries more', async (t) => {
  const viewer = await scene.sit()
  await viewer.stepInto('Slim')
  await viewer.page.mouse.move(200, 200)
  await viewer.useTool('Statistics')
  const figure = (name: string) =>
    viewer.page.locator('.stats dl > div').filter({ hasText: name }).locator('dd').innerText()
  const codec = await eventually(
    () => figure('Codec'),
    (text) => text.includes('libvpx'),
    { what: 'VP8', withinMs: 20_000 },
  )
  assert.match(codec, /VP8, libvpx/)
  const mbps = (text: string) => Number.parseFloat(text) * (text.includes('kbit') ? 1e-3 : 1)
  // The path is found to carry more; pictures with sound and their headers stay below what was wished for.
  await eventually(
    () => figure('Host may send'),
    (text) => mbps(text) > 1,
    { what: 'a path that carries more', withinMs: 40_000 },
  )
  const sent: number[] = []
  for (let count = 0; count < 5; count++) {
    await viewer.probe('count', 1000)
    sent.push(mbps(await figure('Host sends')))
  }
  t.diagnostic(`the host sends ${sent.join(', ')} Mbit/s`)
  assert.ok(
    sent.every((rate) => rate < 0.95),
    sent.join(),
  )
})
