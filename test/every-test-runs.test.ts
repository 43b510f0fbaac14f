import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { testFiles } from '../scripts/setup/test-files.mjs'

test('npm test runs every test file that there is', () => {
  const cwd = join(import.meta.dirname, '..')
  const there = globSync('**/*.test.ts', { cwd, exclude: (path) => path.startsWith('node_modules') })
  assert.deepEqual(testFiles(), there.sort())
})
