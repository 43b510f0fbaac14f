import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeAgent } from './describe-agent.ts'

test('describeAgent tells browsers and systems as people call them', () => {
  const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
  const samples: readonly (readonly [agent: string | undefined, told: string])[] = [
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`,
      'Edge on Windows',
    ],
    [`Mozilla/5.0 (X11; Linux x86_64) ${webKit} HeadlessChrome/131.0.0.0 Safari/537.36`, 'Chrome on Linux'],
    ['Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0', 'Firefox on Android'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
    ],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox on macOS'],
    ['node', 'A program'],
    [undefined, 'A program'],
    [`Firefox/${'\u001b[31m'.repeat(1e5)}`, 'Firefox'],
  ]
  for (const [agent, told] of samples) assert.equal(describeAgent(agent), told)
})
