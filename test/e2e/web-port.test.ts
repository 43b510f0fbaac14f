import assert from 'node:assert/strict'
import * as v from 'valibot'
import { recordPage } from '../../src/wire/api/resources.ts'
import { eventually } from '../support/eventually.ts'
import type { Colour } from '../support/page-probe.ts'
import { openScene } from '../support/scene.ts'
import { playTone } from '../support/tone.ts'
import type { ViewerPage } from '../support/viewer-page.ts'

const scene = await openScene({ flags: ['--app', 'terminal'] })
const { house } = scene
const terminal = await house.firstLobby()
const machine = scene.machine(terminal.id)
const aside = { x: 0.3, y: 0.6 }
const red: Colour = [0xf2, 0x77, 0x7a]
const blue: Colour = [0x7a, 0xa7, 0xe8]

scene.test('where no datagram gets through, picture, sound and input come through the web port', async (t) => {
  const viewer = await scene.sit()
  await blockUdp(viewer)
  await viewer.stepInto('Terminal')
  t.diagnostic(`a picture after ${await viewer.joinMs()} ms`)
  await byPath(viewer, 'web port')
  await viewer.takeControl(aside)
  await viewer.enter(String.raw`printf '\033[41m\033[2J'`)
  await viewer.untilColour(aside, red)
  await viewer.page.getByRole('button', { name: 'Turn sound on', exact: true }).first().click()
  await using _ = await playTone(machine, 440)
  const heard = await eventually(
    () => viewer.probe('hear', 440),
    ({ toneDb }) => toneDb > -25,
    { what: 'the tone' },
  )
  t.diagnostic(`the tone has ${heard.toneDb.toFixed(1)} dB, everything ${heard.allDb.toFixed(1)} dB`)
  assert.deepEqual(viewer.complaints, [])
})

scene.test('when datagrams get through the picture moves to WebRTC, and back when they do not', async (t) => {
  const viewer = await scene.sit()
  await blockUdp(viewer)
  await viewer.stepInto('Terminal')
  await byPath(viewer, 'web port')
  const session = await newestSession()
  await viewer.probe('beginWatch')
  await viewer.page.evaluate('udpWall.open()')
  await byPath(viewer, undefined)
  await viewer.takeControl(aside)
  await viewer.enter(String.raw`printf '\033[44m\033[2J'`)
  await viewer.untilColour(aside, blue)
  await viewer.page.evaluate('udpWall.cut()')
  await byPath(viewer, 'web port')
  await viewer.enter(String.raw`printf '\033[41m\033[2J'`)
  await viewer.untilColour(aside, red)
  const { darkest } = await viewer.probe('endWatch')
  assert.ok(darkest > 30, `there was never a black picture: ${darkest}`)
  const now = await newestSession()
  assert.equal(now.sessionId, session.sessionId, 'it is one session')
  t.diagnostic(`paths of the session: ${JSON.stringify(now.pathsMs)}`)
  assert.deepEqual(Object.keys(now.pathsMs).toSorted(), ['direct', 'web-port'])
})

/**
 * Takes away the addresses of the other end from the page's peer connections until it is opened; when it is cut, nothing more
 * seems to come by those that are open. What a real firewall does is measured by `npm run bench -- web-port`.
 */
async function blockUdp({ page }: ViewerPage): Promise<void> {
  await page.evaluate(`{
    let blocked = true
    const connections = []
    globalThis.udpWall = {
      open: () => (blocked = false),
      cut: () => {
        blocked = true
        for (const connection of connections) {
          const last = connection.getStats()
          connection.getStats = () => last
        }
      },
    }
    const without = (sdp) => sdp.replace(/^a=candidate.*\\r\\n/gm, '')
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration) {
        super(configuration)
        connections.push(this)
      }
      addIceCandidate(candidate) {
        return blocked ? Promise.resolve() : super.addIceCandidate(candidate)
      }
      setRemoteDescription({ type, sdp }) {
        return super.setRemoteDescription({ type, sdp: blocked ? without(sdp) : sdp })
      }
    }
  }`)
}

/** Waits until the badge names this path; the direct one is not named. */
async function byPath({ page }: ViewerPage, name: string | undefined): Promise<void> {
  const badge = page.locator('.bar .badge .by')
  if (name === undefined) await badge.waitFor({ state: 'detached' })
  else await badge.filter({ hasText: name }).waitFor({ state: 'attached' })
}

async function newestSession() {
  const { records } = v.parse(recordPage, (await house.api('GET', 'records')).json())
  const [newest] = records
  assert.ok(newest)
  return newest
}
