import { setTimeout as pause } from 'node:timers/promises'
import { openPorchlight, type RunningPorchlight } from '../../test/support/running-porchlight.ts'
import { table } from '../support/figures.ts'
import { startMovingField } from '../support/house.ts'
import { Receivers } from '../support/receivers.ts'

/** The host tells of its latest 1,024 pictures: after this time they are those of one viewer in one place. */
const settleMs = 18_000
const limitBps = 4_000_000

/** From the capture of a picture to its last packet, as the host itself tells it in `/metrics`. */
export async function measureCaptureToPacket(): Promise<string> {
  const rows: string[][] = []
  for (const appId of ['terminal', 'test-pattern']) {
    for (const viewers of [1, 8]) {
      await using house = await openPorchlight({ flags: ['--app', appId] })
      const { id: lobbyId } = await house.firstLobby()
      await using _field = appId === 'terminal' ? await startMovingField(house, lobbyId) : undefined
      await using receivers = new Receivers()
      await receivers.open(viewers, { url: house.signallingUrl, token: house.ownerToken, lobbyId, limitBps })
      await pause(settleMs)
      const source = appId === 'terminal' ? 'X display in full motion' : 'test card'
      rows.push([source, `${viewers}`, ...(await readFigures(house))])
    }
  }
  return table(['720p60, 4 Mbit/s each', 'viewers', 'capture to last packet p50 ms', 'p95', 'p99'], rows)
}

async function readFigures(house: RunningPorchlight): Promise<string[]> {
  const metrics = await house.metrics()
  return ['0.5', '0.95', '0.99'].map((quantile) => {
    const seconds =
      metrics.get(`porchlight_capture_to_packet_seconds{quantile="${quantile}",gateway="browser"}`) ?? Number.NaN
    return (seconds * 1000).toFixed(1)
  })
}
