import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as v from 'valibot'
import { party as partySchema, partyInvitation, type PartyView } from '../../../src/wire/api/party.ts'
import type { PartyNetworkView } from '../../../src/wire/api/party-network.ts'
import { listenInApp } from '../../support/app-ear.ts'
import { eventually } from '../../support/eventually.ts'
import { LobbyMachine } from '../../support/lobby-machine.ts'
import { lookAround } from '../../support/look-around.ts'
import { RestartablePorchlight } from '../../support/restartable-porchlight.ts'
import type { RunningPorchlight } from '../../support/running-porchlight.ts'
import { openSpeakingChromium } from '../../support/speaking-chromium.ts'
import { openSeats, ViewerPage } from '../../support/viewer-page.ts'

/** Without a virtual LAN: a new interface would be a changed network for the browsers of all tests beside this one. */
const flags = (app: string) => ['--app', app, '--size', '640x368', '--mesh', 'off']
const patienceMs = 60_000
const voiceHz = 440
// One after the other: a busy machine has less to do at once.
const a = await RestartablePorchlight.open({ flags: flags('terminal') })
const b = await RestartablePorchlight.open({ flags: flags('test-pattern') })
const speaking = await openSpeakingChromium(voiceHz)
const { chromium } = speaking
after(async () => {
  await speaking[Symbol.asyncDispose]()
  await Promise.all([a, b].map((each) => each[Symbol.asyncDispose]()))
})

async function ask(house: RunningPorchlight, token: string, method: string, path = 'party', body?: unknown) {
  const answer = await house.api(method, path, { token, ...(body !== undefined && { body }) })
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
  return v.parse(partySchema, answer.json())
}

const tokenOf = ({ link }: { link: string }) => new URL(link).hash.replace('#token=', '')
const other = (view: PartyView) => view.peers.find(({ isMe }) => !isMe)

test(
  'two hosts form a party, each wall has both lobbies, one steps into the other’s, and all of it ends at once',
  {
    timeout: 240_000,
  },
  async () => {
    const [tokenA, tokenB] = [tokenOf(a), tokenOf(b)]
    const lookAt = (what: string, house: () => RunningPorchlight, token: string, isSo: (view: PartyView) => boolean) =>
      eventually(async () => ask(house(), token, 'GET'), isSo, { what, withinMs: patienceMs })
    const lobbyA = await a.house.firstLobby()
    await b.house.firstLobby()

    const made = await ask(a.house, tokenA, 'POST', 'party', { name: 'Friday' })
    // The whole code is told where it is asked for, and the link with its second part leads in.
    assert.deepEqual([made.party?.code, made.party?.link], [null, null])
    const told = await a.house.api('GET', 'party/invitation', { token: tokenA })
    const { code, link } = v.parse(partyInvitation, told.json())
    assert.ok(link?.endsWith(`&secret=${code.slice(12)}`))
    await ask(b.house, tokenB, 'POST', 'party/join', { by: link })
    await lookAt(
      'B’s wall with A’s lobby',
      () => b.house,
      tokenB,
      (view) => other(view)?.wall?.lobbies.length === 1,
    )
    await lookAt(
      'A’s wall with B’s lobby',
      () => a.house,
      tokenA,
      (view) => other(view)?.wall?.lobbies.length === 1,
    )
    await lookAt(
      'a path that was measured',
      () => b.house,
      tokenB,
      (view) => other(view)?.connectionType === 'direct',
    )

    const seat = await openSeats()
    await using owner = await seat(chromium.browser, b.link)
    await owner.page.setViewportSize({ width: 390, height: 844 })
    await owner.page.getByRole('link', { name: 'Party' }).click()
    await owner.page.getByRole('heading', { name: 'Members' }).waitFor({ timeout: patienceMs })
    await owner.page.getByRole('heading', { name: 'Virtual LAN' }).waitFor({ timeout: patienceMs })
    await lookAround(owner, 'the party on a phone')
    // What others change is there without being asked for.
    const asked = () =>
      owner.addresses.filter((address) => new URL(address).pathname.startsWith('/api/v1/party')).length
    const before = asked()
    await ask(b.house, tokenB, 'PUT', 'party/rights', { peerId: null, may: 'see' })
    await owner.page.getByText('As all: see what is on').waitFor({ state: 'attached', timeout: patienceMs })
    assert.equal(asked(), before)
    // A port is shared in the page, and so after a restart.
    await owner.page.getByLabel('Share a port of this machine: port').fill('25565')
    await owner.page.getByLabel('Share a port of this machine: port').press('Enter')
    await owner.page.getByRole('button', { name: 'Stop sharing TCP 25565' }).waitFor({ timeout: patienceMs })
    await owner.page.setViewportSize({ width: 1280, height: 720 })
    await owner.page.getByRole('link', { name: 'Lobbies' }).click()
    const section = owner.page.locator('section.party-wall')
    await section.waitFor({ timeout: patienceMs })
    // A's lobby as A's own wall would show it, through the two hosts.
    await section.locator('img.house-picture').waitFor({ timeout: patienceMs })
    const opening = owner.page.context().waitForEvent('page')
    await section.getByRole('button', { name: lobbyA.title }).click()
    const tab = await opening
    const viewer = new ViewerPage(owner.page.context(), tab)
    await viewer.untilLive()
    assert.equal(new URL(tab.url()).port, String(a.house.port))
    const inside = await eventually(
      async () =>
        (await a.house.api('GET', 'sessions', { token: tokenA })).json() as { memberId?: string; role: string }[],
      (sessions) => sessions.length === 1,
      { what: 'B’s member in A’s lobby', withinMs: patienceMs },
    )
    assert.equal(inside[0]?.role, 'viewer')

    // What one may do is the owner's to say, while they are there: who asks is let play by one click, wherever the owner is.
    const machine = new LobbyMachine(a.house, lobbyA.id)
    await tab.keyboard.type('x')
    await tab.locator('.notices').getByRole('button', { name: 'Ask to play' }).click()
    {
      await using friend = await seat(chromium.browser, a.link)
      await friend.page.getByText(`asks to play in ${lobbyA.title}`).waitFor({ timeout: patienceMs })
      await friend.page.getByRole('button', { name: 'Let play' }).click()
      await tab.getByText('You can play from now on').waitFor({ timeout: patienceMs })
    }
    await eventually(
      async () => (await a.house.api('GET', 'sessions', { token: tokenA })).json() as { role: string }[],
      ([session]) => session?.role === 'player',
      { what: 'a member who may play now', withinMs: patienceMs },
    )
    await viewer.takeControl()
    await viewer.enter('echo from next door > typed')
    const { HOME: home = '' } = await machine.environment()
    await eventually(
      () => readFile(join(home, 'typed'), 'utf8').catch(() => ''),
      (typed) => typed === 'from next door\n',
      { what: 'what was typed in the app', withinMs: patienceMs },
    )
    await tab.keyboard.press('Control+Alt+Shift+q')

    // What they say is heard by the app, and nothing of it any more when the right is taken away.
    await using ear = await listenInApp(machine)
    await viewer.pressTool(tab.locator('.bar .microphone'))
    await tab.locator('.microphone[data-state="on"]').waitFor({ state: 'attached', timeout: patienceMs })
    await eventually(
      () => ear.level(voiceHz),
      (level) => level > 0.01,
      { what: 'a voice in the app', withinMs: patienceMs },
    )
    await ask(a.house, tokenA, 'PUT', 'party/rights', {
      peerId: other(await ask(a.house, tokenA, 'GET'))?.id,
      may: 'watch',
    })
    await eventually(
      () => ear.peak(),
      (peak) => peak === 0,
      { what: 'silence in the app', withinMs: patienceMs },
    )
    await tab.locator('.microphone').waitFor({ state: 'detached', timeout: patienceMs })

    // They are there as a guest is: what is written goes through A's host, and comes back.
    await viewer.openChat()
    await tab.getByRole('textbox', { name: 'Say something' }).fill('hello from next door')
    await tab.keyboard.press('Enter')
    await tab.locator('.chat-text:not(.waiting)').getByText('hello from next door').waitFor({ timeout: patienceMs })

    const idOfB = other(await ask(a.house, tokenA, 'GET'))?.id
    await b.kill()
    await b.start()
    await lookAt(
      'B itself again',
      () => b.house,
      tokenB,
      (view) => view.party?.name === 'Friday' && view.peers.length === 2,
    )
    // With the second part of the code, by which A talks to it.
    await lookAt(
      'A’s lobby again',
      () => b.house,
      tokenB,
      (view) => other(view)?.wall?.lobbies.length === 1,
    )
    assert.equal(other(await ask(a.house, tokenA, 'GET'))?.id, idOfB)
    const { shares } = (await b.house.api('GET', 'party/network', { token: tokenB })).json() as PartyNetworkView
    assert.deepEqual(
      shares.map(({ protocol, port }) => [protocol, port]),
      [['tcp', 25_565]],
    )

    await ask(b.house, tokenB, 'POST', 'party/leave')
    await lookAt(
      'A alone',
      () => a.house,
      tokenA,
      (view) => view.peers.length === 1,
    )
    await eventually(
      async () => (await a.house.api('GET', 'sessions', { token: tokenA })).json() as unknown[],
      (sessions) => sessions.length === 0,
      { what: 'nobody of B in A’s lobby', withinMs: patienceMs },
    )
  },
)
