import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { appDefinition, readDefinition } from './app-definition.ts'

test('of a list or a table with any number of faults only the first is told', () => {
  const many = Array.from({ length: 5000 }, () => 1)
  const names = Object.fromEntries(many.map((value, index) => [`K${index}`, value]))
  const wrong: readonly Record<string, unknown>[] = [
    { command: many },
    { command: ['x'], environment: names },
    { command: ['x'], sandbox: { readable: many, writable: many, devices: many } },
    { container: { image: 'a', readable: many, devices: many } },
    { command: ['x'], video: { codecs: many } },
    { kind: 'test-pattern', lines: many },
  ]
  for (const definition of wrong) {
    const { issues = [] } = v.safeParse(appDefinition, definition)
    assert.ok(issues.length >= 1 && issues.length <= 4, `${issues.length} issues of ${Object.keys(definition).join()}`)
  }
  const read = readDefinition({ command: many })
  assert.ok('faults' in read)
  assert.deepEqual(
    read.faults.map(({ path, wanted }) => [path, wanted]),
    [[['command'], 'wanted a list of words, such as ["xterm", "-e", "top"]']],
  )
})
