import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Backlog, type Pending, type PendingText } from './backlog.ts'

const text = (length: number): PendingText => ({
  type: 'pending-text',
  characters: Array<string>(length).fill('x'),
  written: 0,
})
const key: Pending = { type: 'key', code: 'KeyA', key: 'a', down: true }

describe('Backlog', () => {
  it('hands out what waits in order', () => {
    const backlog = new Backlog()
    const first = text(3)
    assert.ok(backlog.push(first) && backlog.push(key))
    assert.equal(backlog.first, first)
    backlog.shift()
    assert.equal(backlog.first, key)
    backlog.shift()
    assert.equal(backlog.first, undefined)
  })

  it('makes one of motions that follow one another, and of no others', () => {
    const backlog = new Backlog()
    backlog.push({ type: 'pointer', x: 0.1, y: 0.1 })
    backlog.push({ type: 'pointer', x: 0.2, y: 0.2 })
    backlog.push(key)
    backlog.push({ type: 'pointer', x: 0.3, y: 0.3 })
    assert.deepEqual(backlog.first, { type: 'pointer', x: 0.2, y: 0.2 })
    backlog.shift()
    backlog.shift()
    assert.deepEqual(backlog.first, { type: 'pointer', x: 0.3, y: 0.3 })
  })

  it('refuses more events and more text than it can hold, until there is room again', () => {
    const backlog = new Backlog()
    assert.equal(backlog.push(text(20_001)), false)
    assert.ok(backlog.push(text(20_000)))
    assert.equal(backlog.push(text(1)), false)
    for (let count = 1; count < 512; count++) assert.ok(backlog.push(key))
    assert.equal(backlog.push(key), false)
    backlog.shift()
    assert.ok(backlog.push(text(20_000)))
  })

  it('keeps texts when it drops everything else', () => {
    const backlog = new Backlog()
    const [first, second] = [text(1), text(2)]
    for (const event of [key, first, key, second, key]) backlog.push(event)
    backlog.dropEvents()
    assert.equal(backlog.first, first)
    backlog.shift()
    assert.equal(backlog.first, second)
    backlog.shift()
    assert.equal(backlog.first, undefined)
  })
})
