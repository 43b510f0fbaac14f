import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../kernel/readable.ts'
import type { Member } from '../../domain/member.ts'
import { openMemoryHost } from '../memory/memory-host.ts'

const player: Member = { id: 'p', name: 'Ada', role: 'player', lobbies: 'all' }
const viewer: Member = { id: 'v', name: 'Bob', role: 'viewer', lobbies: 'all' }

async function openHostService() {
  const memory = await openMemoryHost()
  const lobby = await memory.host.createLobby({ appId: 'memory', title: 'Games' })
  await until(lobby.status, ({ status }) => status === 'running')
  return { memory, lobby }
}

test('writeClipboard reaches the app of the lobby that the session is in, and only for those who may play', async () => {
  const { memory, lobby } = await openHostService()
  await using _ = memory
  const [plays, looks] = [memory.host.createSession(player), memory.host.createSession(viewer)]
  await assert.rejects(plays.writeClipboard('early'), { code: 'clipboard-unavailable' })
  await plays.join(lobby.id)
  await looks.join(lobby.id)
  await plays.writeClipboard('found')
  await assert.rejects(looks.writeClipboard('forbidden'), { code: 'input-forbidden' })
  const [display] = memory.parts.displays
  assert.equal(display?.clipboard.text, 'found')
  await plays.leave()
  await assert.rejects(plays.writeClipboard('late'), { code: 'clipboard-unavailable' })
})

test('onCopy follows the session into a lobby and out of it, and tells only those who may play', async () => {
  const { memory, lobby } = await openHostService()
  await using _ = memory
  const [plays, looks] = [memory.host.createSession(player), memory.host.createSession(viewer)]
  const heard: string[] = []
  looks.onCopy((text) => heard.push(`${text}, to a viewer`))
  await looks.join(lobby.id)
  const stop = plays.onCopy((text) => heard.push(text))
  const [display] = memory.parts.displays
  const clipboard = display?.clipboard
  clipboard?.copy('before')
  await plays.join(lobby.id)
  clipboard?.copy('inside')
  await plays.leave()
  clipboard?.copy('outside')
  await plays.join(lobby.id)
  clipboard?.copy('again')
  stop()
  clipboard?.copy('unheard')
  assert.deepEqual(heard, ['inside', 'again'])
})

test('writeClipboard needs the seat, onCopy does not', async () => {
  const { memory, lobby } = await openHostService()
  await using _ = memory
  const [holder, other] = [memory.host.createSession(player), memory.host.createSession({ ...player, id: 'q' })]
  const heard: string[] = []
  other.onCopy((text) => heard.push(text))
  await holder.join(lobby.id)
  await other.join(lobby.id)
  await holder.writeClipboard('takes the free seat')
  await assert.rejects(other.writeClipboard('not now'), { code: 'seat-not-held' })
  const [display] = memory.parts.displays
  assert.equal(display?.clipboard.text, 'takes the free seat')
  display?.clipboard.copy('for all who play')
  assert.deepEqual(heard, ['for all who play'])
})
