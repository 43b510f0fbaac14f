import { setTimeout as pause } from 'node:timers/promises'
import { openPorchlight, type RunningPorchlight } from '../../test/support/running-porchlight.ts'
import { table } from '../support/figures.ts'
import { startMovingField } from '../support/house.ts'
import { Receivers } from '../support/receivers.ts'
import { measureBarePipeline } from './bare-pipeline.ts'

/** The host tells of its latest 1,024 pictures: after this time they are those of one viewer in one place. */
const settleMs = 18_000
const limitBps = 4_000_000

const quantiles = [0.5, 0.95, 0.99]

/**
 * From the capture of a picture to its last packet, as the host itself tells it in `/metrics`, beside the bare pipeline that captures and
 * encodes the same pictures on the same machine.
 */
export async function measureCaptureToPacket(): Promise<string> {
  const rows: string[][] = []
  for (const appId of ['terminal', 'test-pattern']) {
    const source = appId === 'terminal' ? 'X display in full motion' : 'test card'
    const bare = await measureBarePipeline(appId === 'terminal' ? 'display' : 'test-pattern', limitBps, settleMs)
    const floorMs = quantiles.map((quantile) => bare.percentile(quantile) ?? Number.NaN)
    rows.push([source, 'bare pipeline', ...floorMs.map((ms) => ms.toFixed(1)), '1.00'])
    for (const viewers of [1, 8]) {
      await using house = await openPorchlight({ flags: ['--app', appId] })
      const { id: lobbyId } = await house.firstLobby()
      await using _field = appId === 'terminal' ? await startMovingField(house, lobbyId) : undefined
      await using receivers = new Receivers()
      await receivers.open(viewers, { url: house.signallingUrl, token: house.ownerToken, lobbyId, limitBps })
      await pause(settleMs)
      const tookMs = await readFigures(house)
      const ratio = (tookMs[1] ?? Number.NaN) / (floorMs[1] ?? Number.NaN)
      rows.push([source, `${viewers}`, ...tookMs.map((ms) => ms.toFixed(1)), ratio.toFixed(2)])
    }
  }
  return table(['720p60, 4 Mbit/s each', 'viewers', 'capture to last packet p50 ms', 'p95', 'p99', 'p95 to bare'], rows)
}

async function readFigures(house: RunningPorchlight): Promise<number[]> {
  const metrics = await house.metrics()
  return quantiles.map((quantile) => {
    const name = `porchlight_capture_to_packet_seconds{quantile="${quantile}",gateway="browser"}`
    return (metrics.get(name) ?? Number.NaN) * 1000
  })
}
