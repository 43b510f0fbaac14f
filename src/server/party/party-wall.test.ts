import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MemoryParties } from '../../../test/support/memory-parties.ts'
import type { App } from '../../host/apps/definition/app.ts'
import { openMemoryHost } from '../../host/memory/memory-host.ts'
import { memoryApp } from '../../host/memory/memory-parts.ts'
import { silentLog } from '../../kernel/log.ts'
import { Writable } from '../../kernel/readable.ts'
import type { PartyErrorCode } from '../../party/contract/party-error.ts'
import { PartyError } from '../../party/contract/party-error.ts'
import { openStore } from '../../store/open-store.ts'
import { PartyRights } from './party-rights.ts'
import { PartyWall } from './party-wall.ts'

/** Ada has a host with a wall; Bob is in her party, and says what a test lets him say. */
async function open(t: TestContext, apps = new Writable<readonly App[]>([memoryApp])) {
  const world = new MemoryParties()
  const [ada, bob] = [await world.openMember('ada'), await world.openMember('bob')]
  t.after(() => Promise.all([ada.manager.close(), bob.manager.close()]))
  const memory = await openMemoryHost({ clock: world.clock, limits: { lobbies: 30 }, apps })
  t.after(() => memory[Symbol.asyncDispose]())
  const store = openStore(':memory:', world.clock)
  t.after(() => store.close())
  const rights = new PartyRights(store.settings)
  const wall = new PartyWall({
    membership: ada.manager,
    host: memory.host,
    rights,
    page: () => 'http://ada.test',
    native: () => undefined,
    issue: () => 't'.repeat(43),
    onChange: () => {},
    clock: world.clock,
    log: silentLog,
  })
  t.after(() => wall[Symbol.dispose]())
  const heard: { type: string }[] = []
  const hear = (_from: string, word: { type: string }) => void heard.push(word)
  bob.manager.listen({ card: hear, visit: hear, start: hear, welcome: hear, refused: hear, ping: hear })
  const during = async <T>(deed: Promise<T>): Promise<T> => {
    let isDone = false
    const marked = deed.finally(() => (isDone = true))
    marked.catch(() => {})
    await world.until('it is done', () => isDone)
    return marked
  }
  const { link = '' } = await during(ada.manager.createParty({ name: 'Friday' }))
  await during(bob.manager.joinParty({ by: link }))
  const count = (type: string) => heard.filter((word) => word.type === type).length
  await world.until('bob has a card', () => count('card') > 0)
  const card = { page: 'http://bob.test', may: 'watch' as const, lobbies: [], apps: [] }
  bob.manager.say(ada.manager.me, { type: 'card', card })
  await world.until('ada has one', () => wall.cardOf(bob.manager.me) !== undefined)
  return { world, wall, rights, host: memory.host, ada: ada.manager, bob: bob.manager, heard, count, during }
}

const refusal = (code: PartyErrorCode) => (error: unknown) => error instanceof PartyError && error.code === code

test('who asks for a way in waits for what was asked before, and each answer is one to its own question', async (t) => {
  const { world, wall, ada, bob, heard, count, during } = await open(t)
  const both = Promise.all([wall.visit(bob.me, 'one'), wall.visit(bob.me, 'two')])
  for (const lobbyId of ['one', 'two']) {
    await world.until('bob is asked', () => count('visit') === (lobbyId === 'one' ? 1 : 2))
    await world.pass(1000)
    assert.deepEqual(heard.at(-1), { type: 'visit', lobbyId })
    bob.say(ada.me, { type: 'welcome', token: 'b'.repeat(43), lobbyId })
  }
  const ways = await during(both)
  assert.deepEqual(
    ways.map(({ page, lobbyId }) => `${page} ${lobbyId}`),
    ['http://bob.test one', 'http://bob.test two'],
  )
})

test('a member that does not answer is given up after a while, and asked anew in another conversation', async (t) => {
  const { world, wall, ada, bob, count, during } = await open(t)
  await assert.rejects(during(wall.visit(bob.me, 'one')), refusal('peer-offline'))
  await world.until('both have met again', () => ada.may(bob.me, 'visit'))
  const again = wall.visit(bob.me, 'two')
  again.catch(() => {})
  await world.until('bob is asked again', () => count('visit') === 2)
  bob.say(ada.me, { type: 'refused', detail: 'not today' })
  await assert.rejects(during(again), refusal('refused'))
})

test('a member is let in as the owner says, and starts no more apps than a person would', async (t) => {
  const { world, rights, host, ada, bob, heard, count } = await open(t)
  const ask = async (word: { type: 'start'; appId: string } | { type: 'visit'; lobbyId: string }) => {
    const before = count('welcome') + count('refused')
    bob.say(ada.me, word)
    await world.until('ada answers', () => count('welcome') + count('refused') > before)
    return heard.at(-1)?.type === 'card' ? heard.at(-2) : heard.at(-1)
  }
  assert.match(JSON.stringify(await ask({ type: 'start', appId: 'memory' })), /does not let you do this/)
  rights.setUsual('start')
  await ask({ type: 'start', appId: 'memory' })
  assert.equal(count('welcome'), 1)
  const [lobbyId = ''] = host.lobbies.keys()
  await ask({ type: 'visit', lobbyId })
  assert.equal(count('welcome'), 2)
  for (let times = 0; times < 12; times++) await ask({ type: 'visit', lobbyId: 'gone' })
  assert.ok(heard.some((word) => JSON.stringify(word).includes('Slower')))
})

test('a wall of many lobbies and apps with long titles is told as far as it can be', async (t) => {
  const title = '遊'.repeat(100)
  const many = Array.from({ length: 24 }, (_, at) => ({ ...memoryApp, id: `app-${at}`, title }))
  const { world, host, rights, heard } = await open(t, new Writable<readonly App[]>(many))
  rights.setUsual('start')
  for (let count = 0; count < 24; count++) await host.createLobby({ appId: 'app-0', title })
  await world.pass(2000)
  const told = heard.findLast(({ type }) => type === 'card') as unknown as {
    card: { lobbies: unknown[]; apps: unknown[] }
  }
  const { lobbies, apps } = told.card
  assert.ok(
    lobbies.length + apps.length > 20 && lobbies.length + apps.length < 48,
    `${lobbies.length} and ${apps.length}`,
  )
  assert.ok(lobbies.length > 8 && apps.length > 8, `${lobbies.length} and ${apps.length}`)
})
