import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { serverProgram } from '../scripts/setup/start.mjs'

test('serverProgram lets the server find what Node has compiled before', () => {
  const { command, env } = serverProgram(process.execPath, [])
  const found = execFileSync(command, ['-p', 'module.constructor.getCompileCacheDir()'], { env, encoding: 'utf8' })
  assert.match(found, /^\//)
})
