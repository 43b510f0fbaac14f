import { testPattern } from '../../src/host/apps/test-pattern.ts'
import { memoryApp } from '../../src/host/memory/memory-parts.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { silentLog, type Log } from '../../src/kernel/log.ts'
import { AppCatalogue } from '../../src/server/apps/app-catalogue.ts'
import { InstalledIcons } from '../../src/server/apps/icons/installed-icons.ts'
import type { AppRecords } from '../../src/store/app-records.ts'

export interface MemoryCatalogueOptions {
  readonly records: AppRecords
  readonly file: string
  readonly clock: Clock
  readonly log?: Log
  /** What is installed, apart from Xvnc; `top` when left out. May change. */
  readonly programs?: readonly string[]
  /** Where icons are installed; nowhere when left out. */
  readonly dataDirectories?: readonly string[]
}

/** Opens a catalogue of a machine that has what a test says, whose ready-made apps are those of a memory host. */
export function openMemoryCatalogue(options: MemoryCatalogueOptions): Promise<AppCatalogue> {
  const { records, file, clock, log = silentLog, programs = ['top'], dataDirectories = [] } = options
  return new AppCatalogue({
    file,
    records,
    find: async (name, path = '/usr/bin') => {
      return ['Xvnc', ...programs].includes(name) && path === '/usr/bin' ? `${path}/${name}` : undefined
    },
    abilities: {
      whyNoSandbox: async () => undefined,
      whyNoContainer: async () => undefined,
      whyNoLimits: async () => undefined,
    },
    asRoot: false,
    icons: new InstalledIcons(dataDirectories, clock),
    readyMade: async () => [memoryApp, testPattern],
    clock,
    log,
  }).open()
}
