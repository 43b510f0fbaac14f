import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createReturnDesk } from '../src/conversation/return/return-desk.ts'
import { openMemoryGateway, type MemoryArrival } from '../src/gateway/memory/open-memory-gateway.ts'
import { openMemoryHost } from '../src/host/memory/memory-host.ts'
import { ScriptedProducer } from '../src/host/memory/scripted-producer.ts'
import { silentLog } from '../src/kernel/log.ts'
import { openMetrics } from '../src/observe/open-metrics.ts'
import { openSessionRecords } from '../src/observe/session-records.ts'
import { stayView } from '../src/server/http/views.ts'
import { sessionArchive } from '../src/server/session-archive.ts'
import { openStore } from '../src/store/open-store.ts'

/** One who watches sixty pictures a second in virtual time, and all that operators are told of it. */
async function watched(arrival: MemoryArrival) {
  const memory = await openMemoryHost({
    parts: {
      openWaitingRoom: (id) =>
        new ScriptedProducer(id, { clock: memory.clock, nowUs: () => memory.clock.nowMs() * 1000, shrinks: true }),
    },
  })
  const { clock, host } = memory
  const nowUs = () => clock.nowMs() * 1000
  const store = openStore(':memory:', clock)
  const archive = sessionArchive(store.sessions)
  const records = openSessionRecords({ clock, log: silentLog, archive, titleOf: (lobbyId) => lobbyId })
  const metrics = openMetrics({ log: silentLog, clock })
  host.events.subscribe((event) => {
    records.handle(event)
    metrics.handle(event)
  })
  const gateway = openMemoryGateway({
    host,
    clock,
    nowUs,
    log: silentLog,
    desk: createReturnDesk({ clock, randomBytes }),
  })
  const connection = await gateway.connect({ id: 'a', name: 'Ada', role: 'owner', lobbies: 'all' }, arrival)
  return {
    clock,
    connection,
    stay() {
      const [record] = records.ofSession(connection.session.id)
      assert.ok(record)
      return stayView(record)
    },
    text: () => metrics.text(),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      records.close()
      metrics.close()
      store[Symbol.dispose]()
      await memory[Symbol.asyncDispose]()
    },
  }
}

test('what becomes of a stay on a bad network is in its record and in the metrics, by gateway and with the cause', async () => {
  await using seen = await watched({
    manner: { repair: 'parity', rateKnownBy: 'losses' },
    down: { delayUs: 20_000, rateBps: 8e6 },
    up: { delayUs: 20_000 },
  })
  const { clock, connection } = seen
  clock.advance(5000)
  // A train goes into a tunnel, and out of it again.
  Object.assign(connection.down, { lossRatio: 0.15 })
  clock.advance(20_000)
  connection.client.isAsleep = true
  clock.advance(5000)
  connection.client.isAsleep = false
  Object.assign(connection.down, { lossRatio: 0 })
  clock.advance(60_000)
  connection.session.picture.setShape({ width: 640, height: 360, maxFps: 15 })
  clock.advance(2000)
  connection.move('elsewhere', { delayUs: 30_000 })
  clock.advance(2000)

  const { entries, ...stay } = seen.stay()
  assert.ok(entries.every(({ kind, detail }) => ['stream', 'switch'].includes(kind) || detail['gateway'] === 'memory'))
  const causes = new Set(
    entries.map(({ kind, detail }) => [kind, detail['cause'] ?? detail['reason'] ?? ''].join(' ').trim()),
  )
  const wanted = [
    'handshake',
    'path first',
    'path moved',
    'adaptation loss',
    'adaptation probe',
    'parity',
    'rendition path',
    'rendition wish',
    'wish asked',
    'mode silence',
    'mode heard',
    'freeze',
  ]
  assert.deepEqual(
    wanted.filter((each) => !causes.has(each)),
    [],
    [...causes].join(),
  )
  assert.ok(stay.freezes > 0 && stay.frozenMs > 2000 && stay.adaptations > 5)

  const shown = entries.findLast(({ kind }) => kind === 'rendition')
  assert.deepEqual([shown?.detail['to'], shown?.detail['cause']], ['640x360 at 15', 'wish'])

  const text = await seen.text()
  const lines = [
    /^porchlight_handshakes_total\{ok="true",gateway="memory"\} 1$/m,
    /^porchlight_path_seconds_total\{path="direct",gateway="memory"\} 9\d\.\d+$/m,
    /^porchlight_paths_total\{path="direct",reason="moved",gateway="memory"\} 1$/m,
    /^porchlight_wishes_total\{met="true",gateway="memory"\} 1$/m,
    /^porchlight_freezes_total\{gateway="memory"\} \d+$/m,
    ...[
      'loss,bitrate',
      'probe,bitrate',
      'loss,parity',
      'path,rendition',
      'wish,rendition',
      'silence,mode',
      'heard,mode',
    ]
      .map((each) => each.split(','))
      .map(
        ([cause, of]) =>
          new RegExp(`^porchlight_adaptations_total\\{cause="${cause}",of="${of}",gateway="memory"\\} \\d+$`, 'm'),
      ),
  ]
  for (const line of lines) assert.match(text, line)
})
