import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { watchLiveness } from './liveness.ts'

const never = () => new Promise<void>(() => {})

/** Lets time pass as it does: a little at a time, with everything that waits for it done in between. */
async function pass(clock: ManualClock, forMs: number): Promise<void> {
  for (let ms = 0; ms < forMs; ms += 100) {
    clock.advance(100)
    await Promise.resolve()
    await Promise.resolve()
  }
}

describe('watchLiveness', () => {
  it('tells of a hang once, 5 s after a question that is not answered', async () => {
    const clock = new ManualClock()
    const onHang = mock.fn()
    watchLiveness({ probe: never, clock, onHang })
    await pass(clock, 6900)
    assert.equal(onHang.mock.callCount(), 0)
    await pass(clock, 60_000)
    assert.equal(onHang.mock.callCount(), 1)
    assert.equal(clock.pending, 0)
  })

  it('asks every 2 s and is content with answers', async () => {
    const clock = new ManualClock()
    const probe = mock.fn(() => Promise.resolve())
    const onHang = mock.fn()
    watchLiveness({ probe, clock, onHang })
    await pass(clock, 20_000)
    assert.equal(probe.mock.callCount(), 10)
    assert.equal(onHang.mock.callCount(), 0)
  })

  it('does not blame the other end when this process stood still', async () => {
    const clock = new ManualClock()
    const onHang = mock.fn()
    const ticks: (() => void)[] = []
    // After a standstill the machine's clock runs a repeated call once, however long it was.
    const stalling = Object.assign(Object.create(clock) as ManualClock, {
      every: (_: number, call: () => void) => {
        ticks.push(call)
        return { cancel() {} }
      },
    })
    watchLiveness({ probe: never, clock: stalling, onHang })
    for (let tick = 0; tick < 5; tick++) ticks[0]?.()
    clock.advance(60_000)
    ticks[0]?.()
    assert.equal(onHang.mock.callCount(), 0)
  })

  it('ends when nothing more can be asked, and when it is told to', async () => {
    const clock = new ManualClock()
    const onHang = mock.fn()
    watchLiveness({ probe: () => Promise.reject(new Error('gone')), clock, onHang })
    await pass(clock, 3000)
    assert.equal(clock.pending, 0)
    const end = watchLiveness({ probe: never, clock, onHang })
    await pass(clock, 3000)
    end()
    await pass(clock, 10_000)
    assert.equal(clock.pending, 0)
    assert.equal(onHang.mock.callCount(), 0)
  })
})
