import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { fillTemplate, inShell, inXml, plain } from './template.ts'

test('fillTemplate puts values in the place of their names', () => {
  assert.equal(fillTemplate('a {{x}} b {{y}} {{x}}', { x: '1', y: '$& {{x}}' }, plain), 'a 1 b $& {{x}} 1')
})

test('fillTemplate throws when the template has a name that nobody gave a value', () => {
  assert.throws(() => fillTemplate('{{missing}}', {}, plain), /no value for "missing"/)
})

test('inXml leaves no character that XML would understand', () => {
  assert.equal(inXml('<a href="x&y">'), '&lt;a href=&quot;x&amp;y&quot;&gt;')
})

test('inShell makes one word of any text', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('abc $`"\'\\;&|<>(){}*?~#\n\t!')) })
  fc.assert(
    fc.property(text, (value) => {
      const printed = execFileSync('sh', ['-c', `printf %s ${inShell(value)}`], { encoding: 'utf8' })
      assert.equal(printed, value)
    }),
    { numRuns: 25 },
  )
})
