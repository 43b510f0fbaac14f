import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import * as v from 'valibot'
import { hostInfo } from '../../../src/wire/api/resources.ts'
import { openScene } from '../../support/scene.ts'
import { blockUdp, blockUdpAhead, untilByPath } from '../../support/udp-block.ts'
import type { ViewerPage } from '../../support/viewer-page.ts'

const scene = await openScene({ flags: ['--app', 'test-pattern', '--size', '640x368', '--host', '0.0.0.0'] })
const { house } = scene
await house.firstLobby()
const viewport = { width: 1280, height: 720 }
/** Somebody who has looked at the warning and goes on. */
const undaunted = { viewport, ignoreHTTPSErrors: true }
/** An address by which other machines reach this one. */
const outer = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

const linkTo = (origin: string) => `${origin}:${house.port}/#token=${house.ownerToken}`
/** Without Chromium's remark that a plain page cannot shut itself off from others. */
const complaintsOf = ({ complaints }: ViewerPage) =>
  complaints.filter((text) => !text.startsWith('The Cross-Origin-Opener-Policy header has been ignored'))
const isSecure = ({ page }: ViewerPage) => page.evaluate('isSecureContext')

scene.test('the fingerprint that is printed is that of the certificate', async () => {
  const { certificate } = v.parse(hostInfo, (await house.api('GET', 'host')).json())
  const printed = /HTTPS .*\n {10}([\dA-F ]{39})\n {10}([\dA-F ]{39})\n/.exec(house.output)
  const hex = `${printed?.[1]}${printed?.[2]}`.replaceAll(' ', '')
  assert.equal(hex, certificate?.fingerprint.replaceAll(':', ''))
  for (const line of house.output.split('\n')) assert.ok(line.length <= 120, line)
})

scene.test('a browser refuses the certificate of the host until somebody says that it is the right one', async () => {
  const context = await scene.browser.newContext()
  const page = await context.newPage()
  await assert.rejects(page.goto(linkTo('https://127.0.0.1')), /ERR_CERT_AUTHORITY_INVALID/)
  await context.close()
})

for (const address of ['127.0.0.1', ...(outer === undefined ? [] : [outer])]) {
  scene.test(`by https://${address} everything comes through the one port, media too`, async (t) => {
    const viewer = await scene.sit({ link: linkTo(`https://${address}`), screen: undaunted })
    assert.equal(await isSecure(viewer), true)
    await blockUdp(viewer.page)
    await viewer.stepInto('Test pattern')
    t.diagnostic(`a picture after ${await viewer.joinMs()} ms`)
    await untilByPath(viewer.page, 'web port')
    for (const asked of viewer.addresses) assert.match(new URL(asked).protocol, /^(https|wss|data|blob):$/, asked)
    assert.deepEqual(viewer.complaints, [])
  })
}

const skip = outer === undefined ? 'this machine has no address but loopback' : undefined

scene.test('by plain HTTP, where UDP is blocked, the page says why there is no picture and leads to one', async (t) => {
  if (skip !== undefined) return t.skip(skip)
  const viewer = await scene.sit({ link: linkTo(`http://${outer}`), screen: undaunted })
  const { page } = viewer
  assert.equal(await isSecure(viewer), false)
  await blockUdp(page)
  await blockUdpAhead(page)
  await page.getByRole('article').getByRole('button', { name: 'Test pattern', exact: true }).click()
  const card = page.getByRole('alert').filter({ hasText: 'No picture gets through' })
  await card.waitFor()
  const link = card.getByRole('link', { name: 'Open by HTTPS' })
  const { hash } = new URL(page.url())
  assert.equal(await link.getAttribute('href'), `https://${outer}:${house.port}/${hash}`, 'with no secret to be seen')
  await link.click()
  await viewer.untilLive()
  await untilByPath(page, 'web port')
  assert.equal(page.url(), `https://${outer}:${house.port}/${hash}`)
  assert.equal(await isSecure(viewer), true)
  assert.deepEqual(complaintsOf(viewer), [])
  assert.ok(!viewer.addresses.some((asked) => asked.includes(house.ownerToken)))
})

scene.test('by plain HTTP the page works as before, and offers HTTPS in its settings', async (t) => {
  if (skip !== undefined) return t.skip(skip)
  const viewer = await scene.sit({ link: linkTo(`http://${outer}`), screen: undaunted })
  const { page } = viewer
  await viewer.stepInto('Test pattern')
  await viewer.useTool('Settings')
  await page.locator('.settings').getByRole('link', { name: 'Open by HTTPS' }).waitFor()
  await page.goto(`http://${outer}:${house.port}/#settings`)
  const hint = page.getByRole('region', { name: 'More by HTTPS' })
  await hint.getByRole('link', { name: 'Open by HTTPS' }).click()
  await page.getByRole('heading', { name: 'Certificate' }).waitFor()
  assert.equal(page.url(), `https://${outer}:${house.port}/#settings`)
  assert.equal(await hint.count(), 0)
  assert.deepEqual(complaintsOf(viewer), [])
})
