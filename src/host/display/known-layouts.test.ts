import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLayouts, partsOfLayout, readKnownLayouts } from './known-layouts.ts'

test('parseLayouts gives each layout with its variants behind it', () => {
  const text = `! model
  pc105           Generic 105-key PC

! layout
  us              English (US)
  de              German
  custom          A user-defined custom Layout

! variant
  nodeadkeys      de: German (no dead keys)
  dvorak          us: English (Dvorak)

! option
  grp                  Switching to another layout
`
  assert.deepEqual(parseLayouts(text), [
    { name: 'us', title: 'English (US)' },
    { name: 'us(dvorak)', title: 'English (Dvorak)' },
    { name: 'de', title: 'German' },
    { name: 'de(nodeadkeys)', title: 'German (no dead keys)' },
  ])
})

test('readKnownLayouts finds all of this machine, and none where there is no list', async () => {
  const names = new Set((await readKnownLayouts()).map(({ name }) => name))
  for (const name of ['us', 'de', 'fr', 'ru', 'gr', 'il', 'kr', 'jp', 'us(dvorak)', 'fr(bepo)', 'cz(qwerty)']) {
    assert.ok(names.has(name), name)
  }
  assert.ok(names.size > 400, `${names.size} layouts`)
  assert.deepEqual(await readKnownLayouts('/nowhere/evdev.lst'), [])
})

test('partsOfLayout parts layout and variant', () => {
  assert.deepEqual(partsOfLayout('de'), { layout: 'de', variant: '' })
  assert.deepEqual(partsOfLayout('us(alt-intl)'), { layout: 'us', variant: 'alt-intl' })
})
