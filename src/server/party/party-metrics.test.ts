import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../kernel/log.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMetrics } from '../../observe/open-metrics.ts'
import { registerProbingMetrics } from './party-metrics.ts'
import { ProbingCounts } from './probing-counts.ts'

test('probing for direct paths to members is counted by what came of it, with its packets', async () => {
  using metrics = openMetrics({ log: silentLog, clock: new ManualClock() })
  const counts = new ProbingCounts()
  registerProbingMetrics(metrics, counts)
  for (const result of ['unanswered', 'opened', 'unanswered'] as const) {
    counts.count({ result, part: 'many ports', probes: 2048, sockets: 0, tookMs: 6000 })
  }
  const text = await metrics.text()
  assert.match(text, /^porchlight_party_birthday_probings_total\{result="unanswered"\} 2$/m)
  assert.match(text, /^porchlight_party_birthday_probings_total\{result="opened"\} 1$/m)
  assert.match(text, /^porchlight_party_birthday_probes_total 6144$/m)
})
