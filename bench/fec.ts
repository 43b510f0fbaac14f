/**
 * How many pictures parity saves: pictures cut as the native transport cuts them, with seeded losses at random and in bursts, put
 * together again from what is left; against the bound, which is that a picture can be had whenever as many of its packets arrive as it
 * has pieces. And what making rows costs, against adding the same bytes up once.
 *
 *     npm run bench fec [-- --pictures 2000]
 */
import { parseArgs } from 'node:util'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { bestParity } from '../src/wire/fec/simd-parity.ts'
import { decodePiece, pieceOwnBytes } from '../src/wire/native-frames/media-piece.ts'
import { PictureGathering } from '../src/wire/native-frames/picture-gathering.ts'
import { blocksFor, PicturePieces } from '../src/wire/native-frames/picture-pieces.ts'
import { describeRun } from './support/describe-run.ts'
import { table } from './support/figures.ts'

const { values } = parseArgs({ options: { pictures: { type: 'string', default: '2000' } } })
const pictures = Number(values.pictures)
/** Small, as only which packets come matters. */
const pieceBytes = 40
const coder = bestParity()

/** A picture of usual size, a busy one, two key pictures, and one that has more than a block. */
const sizes = [12, 40, 120, 200, 400]
const rates = [0.01, 0.02, 0.05, 0.1]
const percents = [10, 20, 35, 50]

/** Gilbert's model: the path is good, or loses everything for a while. */
function losses(share: number, meanBurst: number, seed: number): () => boolean {
  const random = seededRandom(seed)
  const toGood = 1 / meanBurst
  const toBad = (share * toGood) / (1 - share)
  let isBad = false
  return () => (isBad = random() < (isBad ? 1 - toGood : toBad))
}

interface Saved {
  hurt: number
  saved: number
  bound: number
}

function run(size: number, percent: number, isLost: () => boolean): Saved {
  const random = seededRandom(size)
  const data = Uint8Array.from({ length: size * pieceBytes }, () => random() * 256)
  const head = { codec: 'h264', key: false, captureUs: 0, width: 1280, height: 720 } as const
  const blocks = blocksFor(data.length, pieceBytes, percent)
  const cut = new PicturePieces({ ...head, data }, { pieceBytes, blocks, coder })
  const read = (kind: 'video' | 'parity', piece: Uint8Array) => {
    const packet = new Uint8Array(pieceOwnBytes + piece.length)
    packet.set(piece, pieceOwnBytes)
    const { of, data: part } = decodePiece(packet, kind)
    if (!of) throw new Error('A piece became padding')
    return { kind, of, part }
  }
  const packets = [
    ...cut.pieces.map((piece) => read('video', piece)),
    ...cut.parity(percent).map((piece) => read('parity', piece)),
  ]
  const counted: Saved = { hurt: 0, saved: 0, bound: 0 }
  for (let count = 0; count < pictures; count++) {
    const came = packets.filter(() => !isLost())
    if (came.filter(({ kind }) => kind === 'video').length === size) continue
    counted.hurt++
    if (came.length >= size) counted.bound++
    const [first] = came
    if (!first) continue
    const gathering = new PictureGathering(first.of)
    for (const { of, kind, part } of came) gathering.add(of, kind, part)
    if (!gathering.isWhole) continue
    if (Buffer.compare(gathering.data(), data) !== 0) throw new Error('A picture was put together wrongly')
    counted.saved++
  }
  return counted
}

const percentOf = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`)

function main(): void {
  const rows: string[][] = []
  let worst = 0
  for (const [manner, meanBurst] of [
    ['at random', undefined],
    ['in bursts of 4', 4],
  ] as const) {
    for (const share of rates) {
      for (const percent of percents) {
        const all = sizes.map((size, index) => {
          const random = seededRandom(7 + index)
          const isLost = meanBurst === undefined ? () => random() < share : losses(share, meanBurst, 7 + index)
          return run(size, percent, isLost)
        })
        for (const { hurt, saved, bound } of all) worst = Math.max(worst, hurt === 0 ? 0 : (bound - saved) / hurt)
        rows.push([
          `${share * 100} % ${manner}`,
          `${percent} %`,
          ...all.map(({ hurt, saved, bound }) => `${percentOf(saved, hurt)} of ${percentOf(bound, hurt)}`),
        ])
      }
    }
  }
  const head = ['lost', 'parity', ...sizes.map((size) => `${size} pieces: saved, of the bound`)]
  console.log(`${describeRun()}\n\n${table(head, rows)}\n`)
  console.log(`Furthest below the bound: ${(100 * worst).toFixed(2)} % of the pictures that lost something.\n`)
  console.log(cost())
}

/** The rows of a key picture against adding up the same bytes once. */
function cost(): string {
  const [size, bytes, percent, times] = [120, 1152, 20, 100]
  const data = new Uint8Array(size * bytes).fill(7)
  const head = { codec: 'h264', key: true, captureUs: 0, width: 1280, height: 720 } as const
  const timed = (call: () => void) => {
    call()
    const startMs = performance.now()
    for (let count = 0; count < times; count++) call()
    return (performance.now() - startMs) / times
  }
  const cutMs = timed(() => void new PicturePieces({ ...head, data }, { pieceBytes: bytes, coder }))
  const allMs = timed(() => void new PicturePieces({ ...head, data }, { pieceBytes: bytes, coder }).parity(percent))
  const cut = new PicturePieces({ ...head, data }, { pieceBytes: bytes, coder })
  cut.parity(percent)
  const sharedMs = timed(() => void cut.parity(percent / 2))
  const words = new Uint32Array(data.buffer)
  let sum = 0
  const sumMs = timed(() => {
    for (const word of words) sum ^= word
  })
  return table(
    ['a key picture of 120 pieces of 1,152 bytes', 'ms', 'of one pass over its bytes'],
    [
      ['cut', cutMs],
      ['20 % parity (24 rows)', allMs - cutMs],
      ['10 % of the same, for another viewer', sharedMs],
      [`one pass over its bytes${sum === 0 ? '' : '.'}`, sumMs],
    ].map(([what, ms]) => [String(what), Number(ms).toFixed(3), `${(Number(ms) / sumMs).toFixed(1)} times`]),
  )
}

main()
