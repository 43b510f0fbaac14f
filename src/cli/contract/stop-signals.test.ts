import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { StopSignals, type StopCause } from './stop-signals.ts'

test('StopSignals tells the first cause and reports every later one', async () => {
  const events = new EventEmitter()
  const later: StopCause[] = []
  using signals = new StopSignals(events, (cause) => later.push(cause))
  events.emit('SIGTERM')
  events.emit('SIGINT')
  const error = new Error('lost')
  events.emit('unhandledRejection', error)
  assert.deepEqual(await signals.first, { kind: 'signal', signal: 'SIGTERM' })
  assert.deepEqual(later, [
    { kind: 'signal', signal: 'SIGINT' },
    { kind: 'crash', error },
  ])
})

test('StopSignals takes an error that nobody caught as a cause', async () => {
  const events = new EventEmitter()
  using signals = new StopSignals(events, () => assert.fail('nothing comes after it'))
  const error = new Error('lost')
  events.emit('uncaughtException', error)
  assert.deepEqual(await signals.first, { kind: 'crash', error })
})

test('StopSignals listens no longer than it is asked to', () => {
  const events = new EventEmitter()
  new StopSignals(events, () => {})[Symbol.dispose]()
  assert.deepEqual(events.eventNames(), [])
})
