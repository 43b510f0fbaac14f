import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeSoundPiece } from '../../wire/native-frames/media-piece.ts'
import { SimulatedLink, type LinkConditions } from '../link/simulated-link.ts'
import { SoundReceiver, type ReceivedSound } from './sound-receiver.ts'

const nothing = new Uint8Array(0)

/** Sound of so many packets over a link; what was played, and how long after its capture at most. */
function play(conditions: Partial<LinkConditions>, packets: number, isProtected: boolean) {
  const link = new SimulatedLink<Uint8Array>({ delayUs: 20_000, ...conditions }, 3)
  const receiver = new SoundReceiver()
  const played: ReceivedSound[] = []
  const waitsUs: number[] = []
  const dataOf = (packet: number) => Uint8Array.of(packet >> 8, packet & 0xff)
  for (let nowUs = 0; nowUs < packets * 10_000 + 1e6; nowUs += 1000) {
    const packet = nowUs / 10_000
    if (Number.isInteger(packet) && packet < packets) {
      const before = isProtected && packet > 0 ? dataOf(packet - 1) : nothing
      const sound = { captureUs: nowUs, positionSamples: packet * 480, data: dataOf(packet), before }
      link.send(encodeSoundPiece(sound), 200, nowUs)
    }
    for (let next = link.receive(nowUs); next; next = link.receive(nowUs)) receiver.take(next.datagram, nowUs)
    for (const sound of receiver.poll(nowUs)) {
      played.push(sound)
      waitsUs.push(nowUs - sound.captureUs)
    }
  }
  return { receiver, played, waitsUs }
}

test('SoundReceiver plays every packet once and in order, as soon as it comes where there is no jitter', () => {
  const { played, waitsUs } = play({}, 500, false)
  assert.deepEqual(
    played.map(({ data }) => ((data?.[0] ?? 0) << 8) | (data?.[1] ?? 0)),
    Array.from({ length: 500 }, (_, packet) => packet),
  )
  assert.equal(Math.max(...waitsUs), 20_000)
})

test('SoundReceiver takes single losses out of the packet behind them, and marks what is lost for good', () => {
  const unprotected = play({ lossRatio: 0.05 }, 2000, false)
  const lost = unprotected.played.filter(({ data }) => !data).length
  assert.ok(lost > 60, `${lost}`)
  const { receiver, played } = play({ lossRatio: 0.05 }, 2000, true)
  const stillLost = played.filter(({ data }) => !data).length
  assert.ok(stillLost < lost / 5, `${stillLost} of ${lost}`)
  assert.equal(receiver.counts.concealed, stillLost)
  assert.deepEqual(
    played.map(({ positionSamples }) => positionSamples),
    Array.from({ length: played.length }, (_, packet) => (played[0]?.positionSamples ?? 0) + packet * 480),
  )
})

test('SoundReceiver waits as long as jitter and order need', () => {
  const rough = { jitterUs: 30_000, reorderRatio: 0.1, duplicateRatio: 0.1 }
  const { receiver, played, waitsUs } = play(rough, 2000, false)
  const missed = played.filter(({ data }) => !data).length
  assert.ok(missed < 60, `${missed}`)
  assert.ok(receiver.delay.delayUs < 60_000 && Math.max(...waitsUs) < 120_000, `${Math.max(...waitsUs)}`)
})

test('SoundReceiver passes over silence that was not sent, follows a sender that begins anew, and keeps little', () => {
  const receiver = new SoundReceiver()
  const take = (packet: number, nowUs: number) =>
    receiver.take(
      encodeSoundPiece({ captureUs: nowUs, positionSamples: packet * 480, data: Uint8Array.of(1), before: nothing }),
      nowUs,
    )
  take(0, 0)
  assert.equal(receiver.poll(0).length, 1)
  take(500, 5e6)
  assert.deepEqual([receiver.poll(5e6).length, receiver.counts.concealed], [1, 0])
  take(499, 5.01e6)
  assert.equal(receiver.counts.late, 1)
  take(3, 6e6)
  assert.equal(receiver.poll(6.6e6).length, 1)
  for (let packet = 0; packet < 5000; packet++) take(1000 + 3 * packet, 7e6)
  assert.ok(receiver.poll(20e6).filter(({ data }) => data).length <= 128)
})
