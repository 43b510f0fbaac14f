import { setTimeout as pause } from 'node:timers/promises'
import { openPorchlight } from '../../test/support/running-porchlight.ts'
import { table } from '../support/figures.ts'
import { processGroups } from '../support/house.ts'
import { meterProcessors } from '../support/processor-time.ts'
import { Receivers } from '../support/receivers.ts'

/** What an app needs to have drawn everything, and the encoders to have made a still picture good. */
const settleMs = 8000

/** Processor time of a lobby in which nothing happens: with nobody in it, and with somebody who watches. */
export async function measureIdle(durationMs: number): Promise<string> {
  const rows: string[][] = []
  for (const appId of ['desktop', 'terminal']) {
    for (const viewers of [0, 1]) {
      await using house = await openPorchlight({ flags: ['--app', appId] })
      const { id: lobbyId } = await house.firstLobby()
      await using receivers = new Receivers()
      await receivers.open(viewers, { url: house.signallingUrl, token: house.ownerToken, lobbyId, limitBps: 0 })
      await pause(settleMs)
      await receivers.sample()
      const meter = await meterProcessors(await processGroups(house))
      await pause(durationMs)
      const [cpu, received] = [await meter.stop(), await receivers.sample()]
      const [viewer] = received.viewers
      const shares = [cpu.server, cpu.viewers, cpu.media, cpu.display, cpu.sound]
      rows.push([
        appId,
        viewers === 0 ? 'nobody' : 'one viewer',
        ...shares.map((share) => `${share.toFixed(2)} %`),
        `${shares.reduce((sum, share) => sum + share, 0).toFixed(2)} %`,
        viewer ? (viewer.pictures / (durationMs / 1000)).toFixed(1) : '–',
        viewer ? ((viewer.bytes * 8) / durationMs).toFixed(1) : '–',
      ])
    }
  }
  const head = [
    'lobby at rest',
    'watched by',
    'server',
    'viewer process',
    'media process',
    'display',
    'sound',
    'together',
    'pictures/s',
    'kbit/s',
  ]
  return table(head, rows)
}
