import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bytesColumn,
  flagColumn,
  isObject,
  isTexts,
  json,
  numberColumn,
  oneOf,
  optional,
  readRow,
  textColumn,
} from './read-row.ts'
import { StoreError } from './store-error.ts'

const schema = {
  name: ['its_name', textColumn],
  count: ['n', numberColumn],
  hash: ['hash', bytesColumn],
  isOpen: ['open', flagColumn],
  endedMs: ['ended_ms', optional(numberColumn)],
  kind: ['kind', oneOf(['a', 'b'])],
  more: ['more', json(isObject, 'an object')],
  tags: ['tags', json(isTexts, 'texts')],
} as const

const row = {
  its_name: 'Ada',
  n: 3,
  hash: Uint8Array.of(1),
  open: 1,
  ended_ms: null,
  kind: 'b',
  more: '{"x":1}',
  tags: '["t"]',
  unknown: 'to nobody',
}

test('readRow makes of a row what its schema says', () => {
  assert.deepEqual(readRow(schema, row), {
    name: 'Ada',
    count: 3,
    hash: Uint8Array.of(1),
    isOpen: true,
    endedMs: undefined,
    kind: 'b',
    more: { x: 1 },
    tags: ['t'],
  })
})

test('readRow refuses what is not as its schema says, by the name of the column and without what is in it', () => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ['its_name', 7],
    ['its_name', undefined],
    ['n', 'secret'],
    ['hash', 'secret'],
    ['open', 2],
    ['ended_ms', 'secret'],
    ['kind', 'secret'],
    ['more', '[1]'],
    ['more', '{secret'],
    ['tags', '[1]'],
  ]
  for (const [column, value] of wrong) {
    assert.throws(
      () => readRow(schema, { ...row, [column]: value }),
      (error: unknown) =>
        error instanceof StoreError &&
        error.code === 'corrupt' &&
        error.message.includes(`"${column}"`) &&
        !error.message.includes('secret'),
      column,
    )
  }
})
