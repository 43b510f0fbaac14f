/**
 * How many pictures parity saves: pictures cut as the native transport cuts them, with seeded losses at random and in bursts, put
 * together again from what is left; against the bound, which is that a picture can be had whenever as many of its packets arrive as it
 * has pieces. And what making rows and making pieces of them costs, of large pictures as one wide block and in the blocks of viewers that
 * know no other, which is also how long each holds a process.
 *
 *     npm run bench fec [-- --pictures 2000]
 */
import { parseArgs } from 'node:util'
import { seededRandom } from '../src/kernel/seeded-random.ts'
import { bestParity } from '../src/wire/fec/simd-parity.ts'
import { decodePiece, pieceOwnBytes, type PieceOf } from '../src/wire/native-frames/media-piece.ts'
import { PictureGathering, pictureRepair } from '../src/wire/native-frames/picture-gathering.ts'
import { blocksFor, PicturePieces } from '../src/wire/native-frames/picture-pieces.ts'
import { describeRun } from './support/describe-run.ts'
import { table } from './support/figures.ts'

const { values } = parseArgs({ options: { pictures: { type: 'string', default: '2000' } } })
const pictures = Number(values.pictures)
/** Small, as only which packets come matters. */
const pieceBytes = 40
const coder = bestParity()
const repair = pictureRepair()

interface Form {
  readonly size: number
  readonly isWide: boolean
}

/** A picture of usual size, a busy one, and key pictures. */
const forms: readonly Form[] = [
  ...[12, 40, 120, 200, 400, 1000].map((size) => ({ size, isWide: true })),
  { size: 400, isWide: false },
]
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

/** As it is sent. */
function cutOf({ size, isWide }: Form, bytes: number, percent: number): { cut: PicturePieces; data: Uint8Array } {
  const random = seededRandom(size)
  const data = Uint8Array.from({ length: size * bytes }, () => random() * 256)
  const head = { codec: 'h264', key: false, captureUs: 0, width: 1280, height: 720 } as const
  const form = isWide ? { wide: repair.wide } : { blocks: blocksFor(data.length, bytes, percent) }
  return { data, cut: new PicturePieces({ ...head, data }, { pieceBytes: bytes, coder, ...form }) }
}

/** As it comes: pieces, then parity. */
function packetsOf(cut: PicturePieces, percent: number) {
  const read = (kind: 'video' | 'parity', piece: Uint8Array) => {
    const packet = new Uint8Array(pieceOwnBytes + piece.length)
    packet.set(piece, pieceOwnBytes)
    const { of, data: part } = decodePiece(packet, kind)
    if (!of) throw new Error('A piece became padding')
    return { kind, of, part }
  }
  return [
    ...cut.pieces.map((piece) => read('video', piece)),
    ...cut.parity(percent).map((piece) => read('parity', piece)),
  ]
}

function run(form: Form, percent: number, isLost: () => boolean): Saved {
  const { size } = form
  const { cut, data } = cutOf(form, pieceBytes, percent)
  const packets = packetsOf(cut, percent)
  const counted: Saved = { hurt: 0, saved: 0, bound: 0 }
  for (let count = 0; count < pictures; count++) {
    const came = packets.filter(() => !isLost())
    if (came.filter(({ kind }) => kind === 'video').length === size) continue
    counted.hurt++
    if (came.length >= size) counted.bound++
    const [first] = came
    if (!first) continue
    const gathering = new PictureGathering(first.of, repair)
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
  const worst = { wide: 0, blocks: 0 }
  for (const [manner, meanBurst] of [
    ['at random', undefined],
    ['in bursts of 4', 4],
  ] as const) {
    for (const share of rates) {
      for (const percent of percents) {
        const all = forms.map((form) => {
          const random = seededRandom(form.size)
          const isLost = meanBurst === undefined ? () => random() < share : losses(share, meanBurst, form.size)
          const saved = run(form, percent, isLost)
          const { hurt, bound } = saved
          const name = form.isWide ? 'wide' : 'blocks'
          worst[name] = Math.max(worst[name], hurt === 0 ? 0 : (bound - saved.saved) / hurt)
          return saved
        })
        rows.push([
          `${share * 100} % ${manner}`,
          `${percent} %`,
          ...all.map(({ hurt, saved, bound }) => `${percentOf(saved, hurt)} of ${percentOf(bound, hurt)}`),
        ])
      }
    }
  }
  const titles = forms.map(({ size, isWide }) => `${size} pieces${isWide ? '' : ' in blocks'}`)
  const head = ['lost', 'parity', ...titles.map((title) => `${title}: saved, of the bound`)]
  console.log(`${describeRun()}\n\n${table(head, rows)}\n`)
  const hundredths = (ratio: number) => (100 * ratio).toFixed(2)
  console.log(
    `Furthest below the bound: ${hundredths(worst.wide)} % of the pictures that lost something; in blocks ${hundredths(worst.blocks)} %.\n`,
  )
  console.log(cost())
}

/**
 * What one picture holds a process for: to make its rows, and to make its pieces of four fifths of them; of some that are one after the other. The
 * largest that an encoder of ours may make at the largest rate, of 30 Mbit/s, are 341 pieces of H.264, and 1,705 of VP8.
 */
function cost(): string {
  const bytes = 1100
  const rows = [120, 200, 341, 1000, 1705, 3800].flatMap((size) =>
    [10, 50].map((percent) => {
      const wide = new Times({ size, isWide: true })
      const blocks = new Times({ size, isWide: false })
      // One after the other, so that both meet the same moments of the machine.
      for (let count = 0; count < (size > 2000 ? 15 : 51); count++) {
        wide.take(bytes, percent)
        blocks.take(bytes, percent)
      }
      const ms = ({ medianMs, p95Ms }: Took) => `${medianMs.toFixed(2)} / ${p95Ms.toFixed(2)}`
      const ratio = (one: Took, other: Took) => `${(one.medianMs / other.medianMs).toFixed(2)} times`
      return [
        `${size} (${((size * bytes) / 1000).toFixed(0)} kB)`,
        `${percent} %`,
        ms(wide.making),
        ms(blocks.making),
        ratio(wide.making, blocks.making),
        ms(wide.repairing),
        ms(blocks.repairing),
        ratio(wide.repairing, blocks.repairing),
      ]
    }),
  )
  const head = [
    'pieces',
    'parity',
    'rows: ms p50 / p95',
    'in blocks',
    'of that',
    'repair: ms p50 / p95',
    'in blocks',
    'of that',
  ]
  return table(head, rows)
}

interface Took {
  readonly medianMs: number
  readonly p95Ms: number
}

class Times {
  readonly #form: Form
  readonly #making: number[] = []
  readonly #repairing: number[] = []

  constructor(form: Form) {
    this.#form = form
  }

  get making(): Took {
    return took(this.#making)
  }

  get repairing(): Took {
    return took(this.#repairing)
  }

  take(bytes: number, percent: number): void {
    const { cut, data } = cutOf(this.#form, bytes, percent)
    timed(this.#making, () => void cut.parity(percent))
    const packets = packetsOf(cut, percent)
    const { size } = this.#form
    const [pieces, parity] = [packets.slice(0, size), packets.slice(size)]
    const rowsOf = (block: number) => parity.filter(({ of }) => of.block === block).length
    const came = pieces.filter(({ of }) => !isDropped(of, rowsOf(of.block)))
    const [first] = came
    if (!first) throw new Error('Nothing came')
    const gathering = new PictureGathering(first.of, repair)
    for (const { of, kind, part } of came) gathering.add(of, kind, part)
    timed(this.#repairing, () => {
      for (const { of, kind, part } of parity) gathering.add(of, kind, part)
    })
    if (!gathering.isWhole || Buffer.compare(gathering.data(), data) !== 0) {
      throw new Error('A picture was put together wrongly')
    }
  }
}

function timed(into: number[], call: () => void): void {
  const startMs = performance.now()
  call()
  into.push(performance.now() - startMs)
}

/** Four fifths of what the rows of a block can repair, spread over all of it. */
function isDropped({ piece, pieces }: PieceOf, rows: number): boolean {
  const lost = Math.floor(0.8 * rows)
  return Math.floor(((piece + 1) * lost) / pieces) > Math.floor((piece * lost) / pieces)
}

/** The first few are those of code that is not compiled yet. */
function took(times: readonly number[]): Took {
  const sorted = times.slice(5).toSorted((a, b) => a - b)
  return { medianMs: sorted[sorted.length >> 1] as number, p95Ms: sorted[Math.floor(0.95 * sorted.length)] as number }
}

main()
