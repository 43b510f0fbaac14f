import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { openRunningWeb, type RunningWeb } from '../../../test/support/running-web.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { until } from '../../kernel/readable.ts'
import type { LobbyView } from '../../wire/api/resources.ts'
import { ApiClient } from './api-client.ts'
import { openEventFeed } from './event-feed.ts'

/** A client that keeps what it is told of lobbies, over a connection that can be cut. */
function openMirror(web: RunningWeb) {
  const clock = new ManualClock()
  let cut = new AbortController()
  const api = new ApiClient({
    baseUrl: `http://127.0.0.1:${web.port}`,
    token: web.ownerToken,
    fetch: (input, init) =>
      fetch(input, { ...init, signal: AbortSignal.any([cut.signal, ...(init?.signal ? [init.signal] : [])]) }),
  })
  const titles = new Map<string, string>()
  let resets = 0
  let heard = () => {}
  const learn = ({ id, title }: LobbyView) => titles.set(id, title)
  const feed = openEventFeed({
    api,
    clock,
    random: () => 0.5,
    onWake: () => () => {},
    async onReset() {
      resets++
      for (const lobby of await api.lobbies()) learn(lobby)
      heard()
    },
    onEvent(event) {
      if (event.type === 'lobby') learn(event.lobby)
      heard()
    },
  })
  return {
    feed,
    titles,
    resets: () => resets,
    /** Resolves when the client knows a lobby by this title. */
    async knows(lobbyId: string, title: string) {
      while (titles.get(lobbyId) !== title) await new Promise<void>((resolve) => (heard = resolve))
    },
    async cut() {
      cut.abort()
      await until(feed.state, ({ status }) => status === 'waiting')
      cut = new AbortController()
    },
    async comeBack() {
      clock.advance(15_000)
      await until(feed.state, ({ status }) => status === 'open')
    },
  }
}

test('a client that is cut off at any moment knows everything afterwards, and asks for it once', async (t) => {
  const web = await openRunningWeb(t)
  const ids = [await web.openLobby(), await web.openLobby(), await web.openLobby()]
  const mirror = openMirror(web)
  t.after(() => mirror.feed.close())
  await until(mirror.feed.state, ({ status }) => status === 'open')
  for (const id of ids) await mirror.knows(id, web.host.lobbies.get(id)?.settings.value.title ?? '')

  let count = 0
  const change = async (lobby: number) => {
    const [id = '', title] = [ids[lobby], `Title ${count++}`]
    await web.host.changeLobby(id, { title })
    return { id, title }
  }
  const lobby = fc.nat({ max: ids.length - 1 })
  const scene = fc.record({ before: fc.array(lobby), during: fc.array(lobby), after: lobby })
  await fc.assert(
    fc.asyncProperty(scene, async ({ before, during, after }) => {
      for (const each of before) await change(each)
      await mirror.cut()
      for (const each of during) await change(each)
      await mirror.comeBack()
      const { id, title } = await change(after)
      await mirror.knows(id, title)
      for (const each of ids) await mirror.knows(each, web.host.lobbies.get(each)?.settings.value.title ?? '')
    }),
    { numRuns: 40 },
  )
  assert.equal(mirror.resets(), 1)
})

test('a client that was away for longer than the host remembers asks for everything anew', async (t) => {
  const web = await openRunningWeb(t)
  const id = await web.openLobby()
  const mirror = openMirror(web)
  t.after(() => mirror.feed.close())
  await mirror.knows(id, web.host.lobbies.get(id)?.settings.value.title ?? '')
  await mirror.cut()
  for (let count = 0; count <= 1024; count++) {
    web.host.events.emit({ type: 'StopStream', sessionId: 'gone', cause: 'left' })
  }
  await web.host.changeLobby(id, { title: 'Last' })
  await mirror.comeBack()
  await mirror.knows(id, 'Last')
  assert.equal(mirror.resets(), 2)
})
