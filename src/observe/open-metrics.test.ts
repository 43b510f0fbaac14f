import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../kernel/manual-clock.ts'
import { silentLog, type Log } from '../kernel/log.ts'
import { openMetrics } from './open-metrics.ts'

test('openMetrics counts domain events', async () => {
  using metrics = openMetrics({ log: silentLog, clock: new ManualClock() })
  const member = { id: 'm', name: 'Ada', role: 'owner' }
  metrics.handle({ type: 'StreamSessionCreated', sessionId: 's', member })
  metrics.handle({
    type: 'SessionObserved',
    sessionId: 's',
    observation: { kind: 'handshake', ok: true, tookMs: 120, reason: undefined, gateway: 'browser' },
  })
  metrics.handle({
    type: 'SessionObserved',
    sessionId: 's',
    observation: { kind: 'freeze', durationMs: 1500, gateway: 'memory' },
  })
  metrics.handle({ type: 'StopStream', sessionId: 's', cause: 'idle' })
  const text = await metrics.text()
  assert.match(text, /^porchlight_sessions_started_total 1$/m)
  assert.match(text, /^porchlight_sessions_ended_total\{cause="idle"\} 1$/m)
  assert.match(text, /^porchlight_handshake_seconds_bucket\{le="0.2",gateway="browser"\} 1$/m)
  assert.match(text, /^porchlight_frozen_seconds_total\{gateway="memory"\} 1.5$/m)
})

test('openMetrics counts each wish for a size once, by whether it was met at once', async () => {
  using metrics = openMetrics({ log: silentLog, clock: new ManualClock() })
  const [large, small] = [
    { size: '1920x1080', fps: 60 },
    { size: '640x360', fps: 30 },
  ]
  const observe = (cause: 'asked' | 'offered', asked?: typeof large, given?: typeof large) => {
    const reason = asked && asked !== given ? 'There is no room' : undefined
    const observation = { kind: 'wish', cause, asked, given, reason, gateway: 'memory' } as const
    metrics.handle({ type: 'SessionObserved', sessionId: 's', observation })
  }
  observe('asked', large, small)
  // There is less, then there is room, and then the wish is taken back.
  observe('offered', large)
  observe('offered', large, large)
  observe('asked')
  observe('asked', small, small)
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('porchlight_wishes_total{'))
  assert.deepEqual(lines.toSorted(), [
    'porchlight_wishes_total{met="false",gateway="memory"} 1',
    'porchlight_wishes_total{met="true",gateway="memory"} 1',
  ])
})

test('openMetrics does not grow with label values from elsewhere', async () => {
  using metrics = openMetrics({ log: silentLog, clock: new ManualClock() })
  for (let index = 0; index < 1000; index++) {
    metrics.handle({
      type: 'SessionObserved',
      sessionId: 's',
      observation: { kind: 'fault', code: `code-${index}`, message: '', gateway: 'browser' },
    })
  }
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('porchlight_faults_total{'))
  assert.equal(lines.length, 33)
  assert.ok(lines.includes('porchlight_faults_total{code="other",gateway="browser"} 968'))
})

test('pull reads at each scrape and forgets what is gone', async () => {
  using metrics = openMetrics({ log: silentLog, clock: new ManualClock() })
  let lobbies = [{ labels: { status: 'running' }, value: 2 }]
  let bytes = 10
  metrics.pull({
    name: 'porchlight_lobbies',
    help: 'Lobbies by status',
    kind: 'gauge',
    labels: ['status'],
    read: () => lobbies,
  })
  metrics.pull({ name: 'porchlight_sent_bytes_total', help: 'Bytes sent', kind: 'counter', read: () => bytes })
  assert.match(await metrics.text(), /^porchlight_lobbies\{status="running"\} 2$/m)
  lobbies = []
  bytes = 25
  const text = await metrics.text()
  assert.doesNotMatch(text, /^porchlight_lobbies\{/m)
  assert.match(text, /^porchlight_sent_bytes_total 25$/m)
})

test('text goes on without a metric that cannot be read', async () => {
  const errors: string[] = []
  const log: Log = { ...silentLog, error: (message) => void errors.push(message) }
  using metrics = openMetrics({ log, clock: new ManualClock() })
  metrics.pull({
    name: 'porchlight_broken',
    help: 'Never readable',
    kind: 'gauge',
    read: () => {
      throw new Error('gone')
    },
  })
  const text = await metrics.text()
  assert.match(text, /^porchlight_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+$/m)
  assert.match(text, /^process_resident_memory_bytes \d+$/m)
  assert.equal(errors.length, 1)
})

test('path seconds grow while a session goes on, move with its path, and stop with it', async () => {
  const clock = new ManualClock()
  using metrics = openMetrics({ log: silentLog, clock })
  const take = (path: string, sessionId = 's', gateway = 'browser') =>
    metrics.handle({
      type: 'SessionObserved',
      sessionId,
      observation: { kind: 'path', path, local: '10.0.0.1:9', remote: '10.0.0.2:9', gateway },
    })
  const seconds = async (path: string, gateway = 'browser') =>
    new RegExp(`^porchlight_path_seconds_total\\{path="${path}",gateway="${gateway}"\\} (\\S+)$`, 'm').exec(
      await metrics.text(),
    )?.[1]
  take('direct')
  clock.advance(1500)
  assert.equal(await seconds('direct'), '1.5')
  take('web-port')
  take('direct', 'tv', 'moonlight')
  clock.advance(500)
  metrics.handle({ type: 'StopStream', sessionId: 's', cause: 'left' })
  clock.advance(9000)
  assert.deepEqual([await seconds('direct'), await seconds('web-port')], ['1.5', '0.5'])
  assert.equal(await seconds('direct', 'moonlight'), '9.5')
})

test('probing by birthday is counted by what came of it, with its packets', async () => {
  using metrics = openMetrics({ log: silentLog, clock: new ManualClock() })
  for (const result of ['unanswered', 'unanswered', 'opened']) {
    metrics.handle({
      type: 'SessionObserved',
      sessionId: 's',
      observation: {
        kind: 'probing',
        result,
        part: 'many ports',
        probes: 100,
        sockets: 0,
        tookMs: 6000,
        gateway: 'native',
      },
    })
  }
  const text = await metrics.text()
  assert.match(text, /^porchlight_birthday_probings_total\{result="unanswered",gateway="native"\} 2$/m)
  assert.match(text, /^porchlight_birthday_probings_total\{result="opened",gateway="native"\} 1$/m)
  assert.match(text, /^porchlight_birthday_probes_total\{gateway="native"\} 300$/m)
})
