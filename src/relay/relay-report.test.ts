import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { silentLog, type Log } from '../kernel/log.ts'
import { ManualClock } from '../kernel/manual-clock.ts'
import { openRelayReport } from './relay-report.ts'

const relay = { relay_id: 'relay-1', public_ip: '198.51.100.7', port: 3478, region: 'eu', capacity: 10 }

/** A control plane as a relay sees it: what it was asked, and what it answers. */
function open() {
  const clock = new ManualClock()
  const asked: string[] = []
  const warnings: string[] = []
  const plane = { status: 200 }
  const kept: { token: string | undefined } = { token: undefined }
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) }
  let sessions = 0
  const report = openRelayReport({
    url: 'https://party.test/below',
    relay,
    sessions: () => sessions++,
    token: { read: () => kept.token, write: (token) => void (kept.token = token) },
    clock,
    log,
    random: () => 0.5,
    fetch: async (url, init) => {
      const { pathname, search } = url
      const told = init.body === undefined ? '' : ` ${(JSON.parse(init.body) as { sessions: number }).sessions}`
      asked.push(`${init.method} ${pathname}${search}${told} ${init.headers['Authorization'] ?? null}`)
      if (plane.status !== 200) return Response.json({ detail: 'no' }, { status: plane.status })
      return Response.json({
        token: `t${clock.nowMs()}`,
        peer_id: relay.relay_id,
        expires_at: '',
        status: 'registered',
      })
    },
  })
  const pass = async (ms: number) => {
    clock.advance(ms)
    for (let turn = 0; turn < 10; turn++) await nextTurn()
  }
  return { asked, warnings, plane, report, pass }
}

test('a relay registers, tells its load every 30 s, renews its token in time, and says when it goes', async () => {
  const { asked, report, pass } = open()
  await pass(0)
  await pass(30_000)
  assert.deepEqual(asked, [
    'POST /below/auth/register?peer_id=relay-1 null',
    'POST /below/relays 0 Bearer t0',
    'POST /below/relays 1 Bearer t0',
  ])
  asked.length = 0
  for (let half = 0; half < 2 * 60 * 12; half++) await pass(30_000)
  assert.equal(asked.filter((each) => each.startsWith('POST /below/auth')).length, 1)
  await report.close()
  assert.match(asked.at(-1) ?? '', /^DELETE \/below\/relays\/relay-1 Bearer t\d+$/)
})

test('a relay goes on while nobody answers, says so once, and registers anew where its token is not known any more', async () => {
  const { asked, warnings, plane, report, pass } = open()
  await pass(0)
  plane.status = 503
  for (let second = 0; second < 120; second++) await pass(1000)
  assert.equal(warnings.length, 1)
  plane.status = 401
  await pass(60_000)
  plane.status = 200
  asked.length = 0
  await pass(60_000)
  assert.match(asked[0] ?? '', /^POST \/below\/auth\/register/)
  assert.match(asked[1] ?? '', /^POST \/below\/relays/)
  await report.close()
})
