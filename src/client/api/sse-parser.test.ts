import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { SseParser } from './sse-parser.ts'

const parse = (...pieces: string[]) => {
  const parser = new SseParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

test('SseParser reads data, event names and several lines', () => {
  assert.deepEqual(parse('data: one\n\nevent: lobby\ndata: two\ndata:three\n\n'), [
    { event: 'message', data: 'one' },
    { event: 'lobby', data: 'two\nthree' },
  ])
})

test('SseParser skips comments, unknown fields, events without data and an unfinished end', () => {
  assert.deepEqual(parse(': still here\n\nretry: 5\nid: 7\n\nevent: empty\n\ndata: last'), [])
})

test('SseParser takes off one space only, and a field without colon for an empty one', () => {
  assert.deepEqual(parse('data:  two spaces\n\ndata\n\n'), [
    { event: 'message', data: ' two spaces' },
    { event: 'message', data: '' },
  ])
})

test('SseParser skips a byte order mark at the start and nowhere else', () => {
  assert.deepEqual(parse('\uFEFFdata: a\n\n', '\uFEFFdata: b\n\n'), [{ event: 'message', data: 'a' }])
})

test('SseParser gives the same events wherever the stream is cut, whatever ends its lines', () => {
  const line = fc.constantFrom('data: x', 'data: y z', 'data', 'event: lobby', ': comment', '', '', 'id: 3')
  const ending = fc.constantFrom('\n', '\r', '\r\n')
  fc.assert(
    fc.property(fc.array(fc.tuple(line, ending)), fc.array(fc.nat(200)), (lines, cuts) => {
      const stream = `${lines.flat().join('')}data: end\n\n`
      const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b)
      const pieces = [0, ...places].map((from, index) => stream.slice(from, places[index]))
      assert.deepEqual(parse(...pieces), parse(stream))
    }),
  )
})

test('SseParser refuses an event that never ends', () => {
  const parser = new SseParser({ maxChars: 100 })
  parser.push('data: 0123456789\n')
  assert.throws(
    () => {
      for (let line = 0; line < 20; line++) parser.push('data: 0123456789\n')
    },
    { code: 'event-too-long' },
  )
  assert.throws(() => new SseParser({ maxChars: 100 }).push('x'.repeat(101)), { code: 'event-too-long' })
})

test('SseParser says where the stream stands, once an event or an empty one is complete', () => {
  const parser = new SseParser()
  const standing = (piece: string) => (parser.push(piece), parser.lastEventId)
  assert.equal(standing(': welcome\n\n'), '')
  assert.equal(standing('id: a-1\n'), '')
  assert.equal(standing('\n'), 'a-1')
  assert.equal(standing('data: x\n\n'), 'a-1')
  assert.equal(standing('data: x\nid: a-2\n\n'), 'a-2')
  assert.equal(standing('id: a\0\n\n'), 'a-2')
})
