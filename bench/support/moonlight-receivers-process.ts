/**
 * Receives streams of Moonlight in a process of its own, as a stock client does but for the decoding. It does what its parent says
 * and ends with it; see moonlight-receivers.ts.
 */
import { crc32 } from 'node:zlib'
import { setTimeout as pause } from 'node:timers/promises'
import * as v from 'valibot'
import { ask } from '../../test/support/ask.ts'
import { MoonlightClient } from '../../test/support/moonlight/moonlight-client.ts'
import { apiPrefix, moonlight } from '../../src/wire/api/resources.ts'
import type { MoonlightOrder, MoonlightSample } from './moonlight-receivers.ts'

const pin = '4711'
const size = { width: 1280, height: 720 }
/** As on a network of one's own. */
const packetBytes = 1392

interface Receiving {
  readonly client: MoonlightClient
  counts: { packets: number; bytes: number; pictures: number }
}

const receiving: Receiving[] = []
/** Pictures of all receivers, told apart by their first packet. */
let distinct = new Set<number>()

process.on('message', (order: MoonlightOrder) => {
  void carryOut(order).then(
    (sample) => process.send?.({ id: order.id, sample }),
    (error: unknown) => process.send?.({ id: order.id, error: String(error) }),
  )
})
process.once('disconnect', () => process.exit(0))

async function carryOut(order: MoonlightOrder): Promise<MoonlightSample> {
  if (order.do === 'open') for (let opened = 0; opened < order.count; opened++) await open(order)
  const sample = { viewers: receiving.map(({ counts }) => counts), distinctPictures: distinct.size }
  for (const each of receiving) each.counts = { packets: 0, bytes: 0, pictures: 0 }
  distinct = new Set()
  if (order.do === 'close') {
    for (const { client } of receiving.splice(0)) {
      await client.quit()
      client[Symbol.dispose]()
    }
  }
  return sample
}

/** Resolves when it has been sent a picture. */
async function open(order: Extract<MoonlightOrder, { do: 'open' }>): Promise<void> {
  const { moonlightPort, title, bitrateKbps } = order
  const client = new MoonlightClient(moonlightPort, { packetBytes, bitrateKbps, onPicturePacket: count })
  const each: Receiving = { client, counts: { packets: 0, bytes: 0, pictures: 0 } }
  if (!(await client.pair(pin, () => typePin(order)))) throw new Error('The client could not be paired')
  const titleId = (await client.titles()).get(title)
  if (titleId === undefined) throw new Error(`There is no ${title}`)
  await client.begin(titleId, size)
  receiving.push(each)
  while (each.counts.pictures === 0) await pause(20)

  function count(datagram: Uint8Array): void {
    const { counts } = each
    counts.packets++
    counts.bytes += datagram.length
    const info = new DataView(datagram.buffer, datagram.byteOffset).getUint32(28, true)
    const isFirst = (info & 0x3f_f000) === 0 && ((datagram[27] as number) & 0x30) === 0
    if (!isFirst) return
    counts.pictures++
    distinct.add(crc32(datagram.subarray(32)))
  }
}

async function typePin({ webPort, token }: Extract<MoonlightOrder, { do: 'open' }>): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  for (;;) {
    const { pairings } = v.parse(moonlight, (await ask(webPort, { path: `${apiPrefix}/moonlight`, headers })).json())
    const [waiting] = pairings
    if (waiting === undefined) {
      await pause(50)
      continue
    }
    const path = `${apiPrefix}/moonlight/pairings/${waiting.id}`
    await ask(webPort, { method: 'POST', path, headers, body: JSON.stringify({ pin, name: 'Bench' }) })
    return
  }
}
