import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import * as v from 'valibot'
import { appDetails } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { findFaults } from '../../../support/find-faults.ts'
import { scene } from './scene.ts'

const { house } = scene

const screens = [
  { name: 'a desktop by day', viewport: { width: 1280, height: 720 }, colorScheme: 'light' },
  { name: 'a phone at night', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const

for (const { name, ...screen } of screens) {
  scene.test(
    `an app is described, corrected, copied, exported, removed and brought back in the page, on ${name}`,
    async () => {
      const { page, complaints } = await scene.sit({ screen })
      await page.getByRole('link', { name: 'Apps' }).click()
      await page.getByRole('button', { name: 'New app' }).click()
      await page.getByLabel('Title').fill('Card')
      await page.getByLabel('Command').fill(`sh -c "sleep 60; echo 'done'"`)
      assert.deepEqual(
        await page.getByRole('list', { name: 'The words of the command' }).locator('code').allInnerTexts(),
        ['sh', '-c', `sleep 60; echo 'done'`],
      )
      await page.getByRole('button', { name: 'Add a variable' }).click()
      await page.getByLabel('Name of variable 1').fill('DISPLAY')
      await page.getByLabel('Size').fill('1x1')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      const alerts = page.getByRole('alert')
      await eventually(
        () => alerts.count(),
        (count) => count === 2,
        { what: 'two fields that are marked' },
      )
      assert.match(await alerts.first().innerText(), /^Wanted a table of text by the name of its variable/)
      assert.equal(await page.getByLabel('Size').getAttribute('aria-invalid'), 'true')
      assert.deepEqual(await findFaults(page), [])

      await page.getByLabel('Name of variable 1').fill('GREETING')
      await page.getByLabel('Value of variable GREETING').fill('hello')
      await page.getByLabel('Size').fill('800x600')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.getByRole('heading', { name: 'Card' }).waitFor()
      const details = v.parse(appDetails, (await house.api('GET', 'apps/card')).json())
      assert.deepEqual(details.definition, {
        title: 'Card',
        command: ['sh', '-c', `sleep 60; echo 'done'`],
        environment: { GREETING: 'hello' },
        size: '800x600',
      })
      assert.deepEqual(await findFaults(page), [])

      await page.getByRole('button', { name: 'Duplicate Card' }).click()
      await page.getByText('A test pattern').click()
      await page.getByRole('button', { name: 'Save and try' }).click()
      await page.locator('.viewer').waitFor()
      await page.goBack()
      await page.getByRole('heading', { name: 'Card 2' }).waitFor()

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export' }).click(),
      ])
      const exported = await text(await download.createReadStream())
      assert.match(exported, /^\[apps\.card\]/m)
      await page.getByRole('button', { name: 'Remove Card', exact: true }).click()
      await page.getByRole('button', { name: 'Remove it' }).click()
      await page.getByRole('heading', { name: 'Card', exact: true }).waitFor({ state: 'detached' })
      await page.getByLabel('A file of apps').setInputFiles({
        name: 'apps.toml',
        mimeType: 'application/toml',
        buffer: Buffer.from(exported),
      })
      await page.getByText('Imported: 1 new, 0 changed, 1 as before').waitFor()
      await page.getByRole('heading', { name: 'Card', exact: true }).waitFor()
      // What the host refused is told by the console of Chromium, and is no fault of the page.
      assert.deepEqual(
        complaints.filter((complaint) => !complaint.includes('400')),
        [],
      )
      for (const id of ['card', 'card-2']) assert.equal((await house.api('DELETE', `apps/${id}`)).status, 204)
    },
  )
}
