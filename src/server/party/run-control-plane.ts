import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { Ending, type Closable } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import { openStatusPort } from '../../http/open-status-port.ts'
import { openMetrics } from '../../observe/open-metrics.ts'
import { openControlPlane } from '../../party/control/open-control-plane.ts'
import { openMemoryPartyRecords } from '../../store/memory-party-records.ts'
import { openPartyRecords } from '../../store/open-party-records.ts'
import { openRegistry } from './open-registry.ts'
import { registerPartyMetrics } from './party-metrics.ts'

/** A control plane that runs alone. */
export interface StandingControlPlane extends Closable {
  /** `http://127.0.0.1:8090` */
  readonly url: string
  /** Where its metrics are, for this machine alone; undefined where nobody wanted them. */
  readonly statusUrl: string | undefined
}

/**
 * Opens a control plane with the registry in that directory, or in memory; cleans up each minute, and writes what is left at the end.
 * Rejects with a StoreError, or with the error of the bind.
 */
export async function runControlPlane(options: {
  /** Undefined keeps nothing. */
  dataDirectory: string | undefined
  host: string
  port: number
  /** Of virtual addresses, "10.66.0.0/16". */
  range: string
  /** Whether hosts that nobody can reach may be reached through it. */
  isGateway: boolean
  /** A port of this machine alone for metrics; undefined opens none. */
  statusPort: number | undefined
  clock: Clock
  log: Log
}): Promise<StandingControlPlane> {
  const { dataDirectory, range, clock, log } = options
  if (dataDirectory !== undefined) mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const records =
    dataDirectory === undefined
      ? openMemoryPartyRecords()
      : openPartyRecords(join(dataDirectory, 'parties.db'), options)
  const { registry, ...opened } = await openRegistry({ records, range, clock, log })
  const plane = await openControlPlane({ ...options, registry }).catch(async (error: unknown) => {
    await opened.close()
    throw error
  })
  const metrics = openMetrics({ log, clock })
  registerPartyMetrics(metrics, plane)
  const { statusPort } = options
  const status =
    statusPort === undefined
      ? undefined
      : await openStatusPort({ host: '127.0.0.1', port: statusPort }, () => metrics.text()).catch(
          async (error: unknown) => {
            metrics.close()
            await plane.close()
            await opened.close()
            throw error
          },
        )
  const ending = new Ending(async () => {
    await status?.close()
    metrics.close()
    await plane.close()
    await opened.close()
  })
  void plane.closed.then((end) => ending.end(end))
  const { address, port } = plane.address
  return {
    statusUrl: status && `http://127.0.0.1:${status.port}/metrics`,
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    closed: ending.closed,
    close: (reason) => ending.close(reason),
    [Symbol.asyncDispose]: () => ending.close(),
  }
}
