import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../kernel/readable.ts'
import type { Lobby, LobbyStatus } from './contract/lobby.ts'
import { MemoryLobbyArchive } from './memory/memory-lobby-archive.ts'
import { openMemoryHost, type MemoryHost } from './memory/memory-host.ts'

const isRunning = ({ status }: LobbyStatus) => status === 'running'

async function openLobby({ host }: MemoryHost, profile?: string): Promise<Lobby> {
  return host.createLobby({ appId: 'memory', ...(profile !== undefined && { profile }) })
}

const homesOf = ({ parts }: MemoryHost) =>
  [...parts.running].map(({ options }) => options.env['HOME']?.split('/homes/')[1] ?? '')

test('two lobbies of one app have different profiles, each with a home of its own', async () => {
  await using memory = await openMemoryHost()
  const lobbies = [await openLobby(memory), await openLobby(memory), await openLobby(memory, 'work')]
  for (const lobby of lobbies) await until(lobby.status, isRunning)
  assert.deepEqual(
    lobbies.map(({ profile }) => profile),
    ['default', 'default-2', 'work'],
  )
  assert.deepEqual(new Set(homesOf(memory)), new Set(['memory/default', 'memory/default-2', 'memory/work']))
})

test('a profile that another lobby of the app has is refused, by name', async () => {
  await using memory = await openMemoryHost()
  await openLobby(memory, 'work')
  await assert.rejects(openLobby(memory, 'work'), {
    code: 'profile-in-use',
    message: 'Cannot open a lobby: "Memory" has the profile "work" of Memory now',
  })
  const pattern = await memory.host.createLobby({ appId: 'test-pattern', profile: 'work' })
  assert.equal(pattern.profile, 'work', 'another app has profiles of its own')
})

test('a profile is free as soon as its lobby has ended; the next app starts when the last one is gone', async () => {
  await using memory = await openMemoryHost()
  const first = await openLobby(memory)
  await until(first.status, isRunning)
  const [app] = memory.parts.running
  const release = Promise.withResolvers<void>()
  app?.holdEnd(release.promise)
  const stopped = memory.host.stopLobby(first.id, 'stopped')
  const second = await openLobby(memory)
  assert.equal(second.profile, 'default')
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual([...memory.parts.running], [app], 'one at a time in one home')
  release.resolve()
  await stopped
  await until(second.status, isRunning)
  assert.deepEqual(homesOf(memory), ['memory/default'])
})

test('a lobby that comes back has its profile again, and lobbies that once shared a home have one each', async () => {
  const archive = new MemoryLobbyArchive()
  {
    await using memory = await openMemoryHost({ lobbies: archive })
    await openLobby(memory, 'work')
    await openLobby(memory)
  }
  const [record] = await archive.list()
  await archive.keep({ ...(record ?? assert.fail()), id: 'twin' })
  await using memory = await openMemoryHost({ lobbies: archive })
  await memory.host.restoreLobbies()
  assert.deepEqual([...memory.host.lobbies.values()].map(({ profile }) => profile).toSorted(), [
    'default',
    'work',
    'work-2',
  ])
})
