import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { openScene } from '../../support/scene.ts'

/** A machine on which no X server was ever installed. */
const programs = mkdtempSync(join(tmpdir(), 'porchlight-programs-'))
after(() => rmSync(programs, { recursive: true }))
for (const name of readdirSync('/usr/bin')) {
  if (!/^Xv(nc|fb)$/.test(name)) symlinkSync(join('/usr/bin', name), join(programs, name))
}
const scene = await openScene({ environment: { PATH: programs } })
const { house } = scene

const remedy = 'sudo apt-get install --no-install-recommends tigervnc-standalone-server'

scene.test(
  'without an X server the test pattern runs, and the page says what is missing and how to get it',
  async () => {
    assert.match(house.output, /Lobby {3}Test pattern {2}1280x720@60/)
    assert.match(house.output, /Missing Desktop: this app cannot run here\n.*Xvnc or Xvfb/)
    assert.ok(house.output.includes(remedy))

    const viewer = await scene.sit()
    const { page } = viewer
    await page.getByRole('heading', { name: 'The light is on' }).waitFor()
    const shelf = page.getByRole('region', { name: 'Switch on another' })
    await shelf.getByText(/more apps?$/).click()
    const desktop = shelf.getByRole('listitem').filter({ hasText: 'Desktop' })
    assert.match(await desktop.innerText(), /Xvnc or Xvfb/)
    await desktop.getByText(remedy).first().waitFor()
    assert.equal(await shelf.getByRole('button', { name: 'Start Desktop' }).count(), 0)

    await viewer.stepInto('Test pattern')
    const times = await viewer.probe('readTimes', 10)
    assert.ok((times.at(-1)?.time ?? 0) > (times[0]?.time ?? 0), 'the picture moves')
    assert.deepEqual(viewer.complaints, [])
  },
)
