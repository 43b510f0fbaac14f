import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Log } from '../../kernel/log.ts'
import { PartyRegistry } from '../../party/registry/party-registry.ts'
import type { PartyRecords } from '../../store/party-records.ts'

const cleanUpMs = 60_000

/** Opens a registry that cleans up each minute, and writes what is left at the end. */
export async function openRegistry(options: {
  readonly records: PartyRecords
  /** Of virtual addresses, "10.66.0.0/16". */
  readonly range?: string
  readonly clock: Clock
  readonly log: Log
}): Promise<{ readonly registry: PartyRegistry; close(): Promise<void> }> {
  const { records, clock, log } = options
  const registry = await PartyRegistry.open(options).catch(async (error: unknown) => {
    await records.close()
    throw error
  })
  const cleaning = clock.every(cleanUpMs, () => {
    registry.cleanUp().then(
      (gone) => Object.values(gone).some((count) => count > 0) && log.info('Cleaned up', gone),
      (error: unknown) => log.warn('Cannot clean up; it is tried again', { error: messageOf(error) }),
    )
  })
  return {
    registry,
    async close() {
      cleaning.cancel()
      await registry.flush()
      await records.close()
    },
  }
}
