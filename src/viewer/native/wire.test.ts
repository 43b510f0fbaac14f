import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NativeRig } from '../../../test/support/native-rig.ts'
import type { AccessUnit } from '../../media/contract/access-unit.ts'
import { bestParity } from '../../wire/fec/simd-parity.ts'
import { encodeAbilities } from '../../wire/native-frames/abilities.ts'
import { decodePiece, pieceOwnBytes } from '../../wire/native-frames/media-piece.ts'
import { NativePackets } from './packets.ts'

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] as number
}

test('a native viewer shows every picture and plays all sound over a path that loses nothing, and fills it', async () => {
  await using rig = new NativeRig({ there: { delayUs: 10_000, rateBps: 5e6 }, back: { delayUs: 10_000 }, seed: 1 })
  await rig.run(8000)
  const from = rig.shown.length
  await rig.run(2000)
  assert.ok(rig.shown.length - from >= 122, `${rig.shown.length - from}`)
  assert.equal(rig.pictures.counts.keys, 1)
  assert.ok(rig.controller.targetBps > 3.5e6, `${rig.controller.targetBps}`)
  assert.ok(percentile(rig.down.waitsMs.slice(-2000), 0.95) < 35)
  const latenciesMs = rig.shown.slice(from).map(({ picture, atMs }) => atMs - picture.captureUs / 1000)
  assert.ok(percentile(latenciesMs, 0.95) < 60, `${percentile(latenciesMs, 0.95)}`)
  assert.deepEqual([rig.sound.counts.concealed, rig.resyncs], [0, 0])
  assert.ok(rig.played.length > 980)
  assert.equal(rig.observed.filter(({ kind }) => kind === 'parity').length, 0, 'nothing was lost')
  assert.ok(rig.shown.every(({ picture }) => picture.data.every((byte) => byte === picture.data[0])))
})

test('a native viewer repairs what is lost by parity, resends and doubled sound, and asks for hardly a key picture', async () => {
  const there = { delayUs: 15_000, rateBps: 8e6, lossRatio: 0.04, lossBurst: 2, reorderRatio: 0.01 }
  await using rig = new NativeRig({ there, back: { delayUs: 15_000, lossRatio: 0.02 }, seed: 2 })
  await rig.run(10_000)
  const { pictures, keys, recovered } = rig.pictures.counts
  assert.ok(pictures > 590, `${pictures}`)
  assert.ok(keys <= 3, `${keys}`)
  assert.ok(recovered > 50, `${recovered}`)
  assert.ok(rig.observed.some((one) => one.kind === 'parity' && one.toPercent >= 10))
  const missing = rig.played.filter(({ data }) => !data).length
  assert.ok(
    rig.sound.counts.recovered > 10 && missing < 0.025 * rig.played.length,
    `${missing} of ${rig.played.length}`,
  )
})

test('a native viewer goes over to the mode for bad networks where much is lost, and back when that has been over for a while', async () => {
  const there = { delayUs: 15_000, rateBps: 8e6, lossRatio: 0.14 }
  await using rig = new NativeRig({ there, back: { delayUs: 15_000 }, seed: 6 })
  await rig.run(8000)
  const modes = () => rig.observed.flatMap((one) => (one.kind === 'mode' ? [`${one.to}: ${one.cause}`] : []))
  assert.equal(modes().length, 1)
  assert.match(modes()[0] ?? '', /^bad-network: (loss|bursts)$/)
  assert.equal(rig.controller.isGentle, true)
  rig.down.link.conditions.lossRatio = 0
  await rig.run(8000)
  assert.equal(modes().length, 1, 'not before ten seconds of calm')
  await rig.run(6000)
  assert.equal(modes()[1], 'pictures: calm')
  assert.equal(rig.controller.isGentle, false)
})

test('a native viewer begins on a path of 0.5 Mbit/s without filling its queue, and takes no losses of that for the path', async () => {
  const there = { delayUs: 20_000, rateBps: 500_000, queueUs: 300_000 }
  await using rig = new NativeRig({ there, back: { delayUs: 20_000 }, seed: 7 })
  await rig.run(6000)
  assert.ok(rig.down.link.lost <= 20, `${rig.down.link.lost} lost`)
  assert.deepEqual(
    rig.observed.filter(({ kind }) => kind === 'parity'),
    [],
  )
  assert.ok(rig.controller.targetBps < 600_000, `${rig.controller.targetBps}`)
})

test('a native viewer leaves a path that became slow alone, and a bulk stream and input go on beside it', async () => {
  await using rig = new NativeRig({ there: { delayUs: 10_000, rateBps: 6e6 }, back: { delayUs: 10_000 }, seed: 3 })
  await rig.run(5000)
  const stream = rig.host.openStream({ bulk: true })
  const writing = (async () => {
    for (;;) await stream.write(new Uint8Array(20_000))
  })().catch((error: { code: string }) => error.code)
  rig.down.link.conditions.rateBps = 1.5e6
  await rig.run(4000)
  const [from, sent] = [rig.shown.length, rig.down.sent]
  rig.client.send('input', Uint8Array.of(1, 2, 3))
  await rig.run(3000)
  assert.ok(rig.shown.length - from > 150, `${rig.shown.length - from}`)
  assert.ok(percentile(rig.down.waitsMs.slice(sent), 0.9) < 60, `${percentile(rig.down.waitsMs.slice(sent), 0.9)}`)
  assert.ok(rig.observed.some((one) => one.kind === 'adaptation' && one.toBps < one.fromBps))
  assert.deepEqual(rig.inputs, [Uint8Array.of(1, 2, 3)])
  assert.ok(stream.buffered > 0)
  stream.reset(0)
  assert.equal(await writing, 'finished')
})

test('a native viewer holds pictures back while nobody is heard, and goes on at a key picture', async () => {
  await using rig = new NativeRig({ there: { delayUs: 10_000 }, seed: 4 })
  await rig.run(1000)
  const links = [rig.down.link, rig.up.link]
  for (const { conditions } of links) conditions.lossRatio = 1
  await rig.run(3000)
  assert.ok(rig.observed.some((one) => one.kind === 'mode' && one.to === 'sound-alone'))
  for (const { conditions } of links) conditions.lossRatio = 0
  const before = rig.shown.length
  await rig.run(1500)
  assert.equal(rig.shown[before]?.picture.key, true)
  assert.ok(rig.shown.length > before + 30, `${rig.shown.length - before}`)
  assert.ok(rig.observed.some((one) => one.kind === 'freeze'))
})

test('NativePackets makes packets and parity of a picture once for all viewers', () => {
  const packets = new NativePackets(bestParity())
  const data = new Uint8Array(20_000).fill(1)
  const head = { codec: 'h264', key: true, captureUs: 0, encodedUs: 0, width: 1, height: 1 } as const
  const unit: AccessUnit = { ...head, data }
  const [none, few, many] = [0, 10, 50].map((percent) => packets.picture(unit, percent, true))
  assert.equal(none?.packets, many?.packets)
  assert.deepEqual(
    [none, few, many].map((one) => one?.parity.length),
    [0, 2, 10],
  )
  assert.deepEqual(many?.parity.slice(0, 2), few?.parity)
  assert.equal(many?.parity[1], few?.parity[1])
  assert.equal(none?.packets.filter(({ marker }) => marker).length, 1)
  assert.deepEqual(packets.picture({ ...head, data: new Uint8Array(0) }, 0, true), { packets: [], parity: [] })
  const [one, other] = [
    { captureUs: 0, positionSamples: 0, data },
    { captureUs: 10, positionSamples: 480, data: Uint8Array.of(1) },
  ]
  if (!one || !other) return
  const before = { ...one, data: Uint8Array.of(2) }
  assert.equal(packets.sound(other, before), packets.sound(other, before))
  assert.equal(packets.sound(other, undefined), packets.sound(other, undefined))
  assert.notEqual(packets.sound(other, undefined), packets.sound(other, before))
})

test('NativePackets cuts a large picture once for all who take it wide, and in blocks for who does not', () => {
  const packets = new NativePackets(bestParity())
  const head = { codec: 'h264', key: true, captureUs: 0, encodedUs: 0, width: 1, height: 1 } as const
  const unit: AccessUnit = { ...head, data: new Uint8Array(400 * 1100).fill(3) }
  const blocksOf = (one: { readonly packets: readonly { readonly data: Uint8Array }[] }) =>
    one.packets.map(({ data }) => decodeHead(data)).map(({ wide, blocks }) => (wide ? 'wide' : blocks))
  const wide = [0, 10, 50].map((percent) => packets.picture(unit, percent, true))
  assert.deepEqual(new Set(wide.flatMap(blocksOf)), new Set(['wide']))
  assert.equal(wide[0]?.packets, wide[2]?.packets)
  assert.deepEqual(
    wide.map(({ parity }) => parity.length),
    [0, 40, 200],
  )
  assert.equal(wide[2]?.parity[39], wide[1]?.parity[39])
  assert.deepEqual(new Set(blocksOf(packets.picture(unit, 10, false))), new Set([2]))
})

test('a native viewer gets wide pictures once it has told that it takes them, blocks before, and both come whole', async () => {
  await using rig = new NativeRig({ there: { delayUs: 5000 }, back: { delayUs: 5000 }, seed: 8 })
  rig.keyBytes = 200_000
  await rig.run(2500)
  assert.deepEqual([rig.pictures.counts.keys, rig.widePieces], [1, 0])
  rig.client.send('control', Uint8Array.of(9, 1))
  rig.client.send('control', encodeAbilities({ takesWide: true }))
  rig.client.askForKey()
  await rig.run(1500)
  assert.ok(rig.pictures.counts.keys >= 2 && rig.widePieces >= 182, `${rig.pictures.counts.keys}, ${rig.widePieces}`)
  rig.down.link.conditions.lossRatio = 0.03
  await rig.run(1000)
  const { keys, recovered } = rig.pictures.counts
  const before = rig.widePieces
  rig.client.askForKey()
  await rig.run(1500)
  assert.ok(rig.pictures.counts.keys > keys && rig.widePieces > before + 170, `${rig.widePieces - before}`)
  assert.ok(rig.pictures.counts.recovered > recovered, 'parity has repaired some')
  assert.ok(rig.shown.every(({ picture }) => picture.data.every((byte) => byte === picture.data[0])))
})

function decodeHead(piece: Uint8Array) {
  const { of } = decodePiece(new Uint8Array([...new Uint8Array(pieceOwnBytes), ...piece]), 'video')
  assert.ok(of)
  return of
}
