import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { until } from '../../kernel/readable.ts'
import type { Member } from '../../domain/member.ts'
import type { LobbyRecord } from '../contract/lobby-archive.ts'
import { openMemoryHost } from '../memory/memory-host.ts'
import { MemoryLobbyArchive } from '../memory/memory-lobby-archive.ts'
import { MemoryLedger } from '../deliveries/memory-ledger.ts'

const owner: Member = { id: 'o', name: 'Olga', role: 'owner', lobbies: 'all' }
const lock = { sequence: 1, do: 'seat', seat: 'gamepad-1', wish: { do: 'lock' } } as const

/** An archive that writes when it is told to. */
class SlowArchive extends MemoryLobbyArchive {
  readonly waiting: (() => void)[] = []
  isSlow = false
  writes = 0

  override async keep(record: LobbyRecord): Promise<void> {
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve))
    this.writes++
    await super.keep(record)
  }

  /** Lets the writes through that wait now. */
  async go(): Promise<void> {
    for (const resolve of this.waiting.splice(0)) resolve()
    await settled()
  }
}

async function openScene() {
  const lobbies = new SlowArchive()
  const ledger = new MemoryLedger()
  const memory = await openMemoryHost({ lobbies, ledger })
  const lobby = await memory.host.createLobby({ appId: 'memory' })
  await until(lobby.status, ({ status }) => status === 'running')
  const session = memory.host.createSession(owner)
  await session.join(lobby.id)
  const lockedOnDisk = async () => (await lobbies.list())[0]?.seats.some(({ locked }) => locked) === true
  return { ...memory, memory, lobbies, ledger, lobby, session, lockedOnDisk }
}

test('a delivery that locks a seat is acknowledged when the lock is on disk, and not before', async () => {
  const { memory, session, lobbies, ledger, lockedOnDisk } = await openScene()
  await using _ = memory
  lobbies.isSlow = true
  let isAcknowledged = false
  const done = session.deliver('box', [lock]).then((delivered) => {
    isAcknowledged = true
    return delivered
  })
  await settled()
  const key = { memberId: 'o', outbox: 'box' }
  assert.deepEqual([isAcknowledged, await lockedOnDisk(), (await ledger.handled(key)).through], [false, false, 0])
  await lobbies.go()
  assert.deepEqual(await done, { through: 1, refused: [] })
  assert.ok(await lockedOnDisk())
})

test('a delivery whose lock cannot be written down is refused as not recorded', async () => {
  const { memory, session, lobbies } = await openScene()
  await using _ = memory
  lobbies.failure = new Error('damaged')
  const { refused } = await session.deliver('box', [lock])
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['not-recorded'],
  )
})

test('one write of a lobby goes on at a time, and one more does all that came meanwhile', async () => {
  const { memory, host, lobby, lobbies } = await openScene()
  await using _ = memory
  lobbies.isSlow = true
  const before = lobbies.writes
  const changes = ['A', 'B', 'C', 'D'].map((title) => host.changeLobby(lobby.id, { title }))
  await settled()
  assert.equal(lobbies.waiting.length, 1)
  await lobbies.go()
  await lobbies.go()
  await Promise.all(changes)
  assert.equal(lobbies.writes - before, 2)
  assert.equal((await lobbies.list())[0]?.settings.title, 'D')
})

test('a lobby that ends while it is being written down is forgotten all the same', async () => {
  const { memory, host, lobby, lobbies } = await openScene()
  await using _ = memory
  lobbies.isSlow = true
  const changed = host.changeLobby(lobby.id, { title: 'Late' })
  await settled()
  await host.stopLobby(lobby.id, 'Enough')
  await lobbies.go()
  await changed
  await settled()
  assert.equal(lobbies.records.size, 0)
})

test('lobbies that are being written down count, also for their profile', async () => {
  const { memory, host, lobbies } = await openScene()
  await using _ = memory
  lobbies.isSlow = true
  const first = host.createLobby({ appId: 'memory', profile: 'work' })
  await assert.rejects(host.createLobby({ appId: 'memory', profile: 'work' }), { code: 'profile-in-use' })
  await lobbies.go()
  assert.equal((await first).profile, 'work')
})

test('a lobby that is being written down when its host closes does not come back', async () => {
  const { memory, host, lobbies } = await openScene()
  lobbies.isSlow = true
  const coming = host.createLobby({ appId: 'memory' })
  const refused = assert.rejects(coming, { code: 'host-closed' })
  const closed = memory[Symbol.asyncDispose]()
  await settled()
  await lobbies.go()
  await Promise.all([refused, closed])
  assert.equal(lobbies.records.size, 1, 'the one that was there before')
})
