import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as v from 'valibot'
import { session } from '../../../src/wire/api/resources.ts'
import { openChromium } from '../../support/chromium.ts'
import { eventually } from '../../support/eventually.ts'
import { openFirefox } from '../../support/firefox.ts'
import { NetLab } from '../../support/net-lab.ts'
import { networkCuts } from '../../support/network-cuts.ts'
import { canHavePrivateNetwork, inPrivateNetwork } from '../../support/private-network.ts'
import { RestartablePorchlight } from '../../support/restartable-porchlight.ts'
import type { OpenBrowser } from '../../support/scene.ts'
import { openSeats, type ViewerPage } from '../../support/viewer-page.ts'

/** A busy machine takes many times as long as an idle one, whose times are those of `npm run bench recovery`. */
const backWithinMs = 20_000
/** Drawing them is most of what two browsers do here: what is shown is whether they come, and not how many can. */
const appsFile = '[apps.slow]\nkind = "test-pattern"\ntitle = "Slow"\nsize = "480x272"\nfps = 20\n'
/** More than can be on their way to the screen when everything is cut. */
const manyPictures = 15
/** `lost/viewer-process.test.ts` shows what becomes of everybody then. */
const inChromiumElsewhere: ReadonlySet<string> = new Set(['viewer process killed', 'viewer process stopped'])
const screen = { viewport: { width: 800, height: 500 }, ignoreHTTPSErrors: true }

if (!canHavePrivateNetwork()) test('cut networks', { skip: 'this machine gives us no network namespaces' })
else if (await inPrivateNetwork()) await testCuts()

async function testCuts(): Promise<void> {
  const lab = await NetLab.open()
  const server = await RestartablePorchlight.open({
    prefix: lab.house,
    flags: ['--host', lab.houseAddress, '--app', 'slow'],
    appsFile,
  })
  const seat = await openSeats()
  const { id: lobbyId } = await server.house.firstLobby()
  // Only the first start prints it.
  const token = server.house.ownerToken
  after(async () => {
    await server[Symbol.asyncDispose]()
    await lab[Symbol.asyncDispose]()
  })

  for (const [name, openBrowser] of [
    ['Chromium', openChromium],
    ['Firefox', openFirefox],
  ] as const) {
    test(`${name} is back after each kind of cut, and what is said meanwhile is said once`, async (t) => {
      await using opened: OpenBrowser = await openBrowser()
      for (const [cutName, cut] of Object.entries(networkCuts)) {
        if (cut.fromTheStart || (name === 'Chromium' && inChromiumElsewhere.has(cutName))) continue
        await using viewer = await seat(opened.browser, 'about:blank', screen)
        await open(viewer, `${server.link}&lobby=${lobbyId}`)
        await viewer.untilLive()
        await viewer.openChat()
        const before = await sessions()
        const text = `${name}, ${cutName}`
        const [backMs] = await Promise.all([cut.happen({ lab, server }), say(viewer, text)])
        await untilPictures(viewer)
        t.diagnostic(`${cutName}: ${manyPictures} pictures after ${Date.now() - backMs} ms`)
        await viewer.page.locator('.chat-text:not(.waiting)').getByText(text).waitFor({ timeout: backWithinMs })
        assert.equal(await viewer.page.locator('.chat-text').getByText(text).count(), 1)
        const fresh = (await sessions()).filter((id) => !before.includes(id))
        if (cutName !== 'server killed') assert.deepEqual(fresh, [], 'the session is the same')
        await cut.heal({ lab, server })
      }
    })
  }

  async function sessions(): Promise<readonly string[]> {
    return v.parse(v.array(session), (await server.house.api('GET', 'sessions', { token })).json()).map(({ id }) => id)
  }
}

/** Chromium breaks off what it loads while the network that was healed last is still becoming another one. */
async function open({ page }: ViewerPage, address: string): Promise<void> {
  await eventually(
    () =>
      page.goto(address).then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    (failure) => {
      if (failure?.includes('ERR_NETWORK_CHANGED') === false) throw new Error(failure)
      return failure === undefined
    },
    { what: 'the page', withinMs: backWithinMs },
  )
}

async function say({ page }: ViewerPage, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Say something' }).focus()
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

async function untilPictures({ page }: ViewerPage): Promise<void> {
  const shown = page.evaluate(
    `new Promise((resolve) => {
      const video = document.querySelector('video')
      let left = ${manyPictures}
      const next = () => (left-- > 0 ? video.requestVideoFrameCallback(next) : resolve())
      next()
    })`,
  )
  const patience = AbortSignal.timeout(backWithinMs)
  const tooLong = new Promise((_, reject) => patience.addEventListener('abort', () => reject(patience.reason as Error)))
  await Promise.race([shown, tooLong])
}
