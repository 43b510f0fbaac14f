import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { findExecutable } from '../../host/child/find-executable.ts'
import type { RunAbilities } from '../../host/run/contract/run-abilities.ts'
import type { RunsAs } from '../../host/run/runners.ts'
import type { AppRecords } from '../../store/app-records.ts'
import type { Environment } from '../config/config.ts'
import { AppCatalogue } from './app-catalogue.ts'
import { dataDirectoriesOf, InstalledIcons } from './icons/installed-icons.ts'
import { appsFile } from './read-apps-file.ts'

/** The apps of this machine: those that come along, those of the settings and those of the file in the data directory. */
export function openAppCatalogue(options: {
  readonly records: AppRecords
  readonly dataDirectory: string
  readonly abilities: RunAbilities
  readonly runsAs: RunsAs
  readonly environment: Environment
  readonly clock: Clock
  readonly log: Log
}): Promise<AppCatalogue> {
  const { records, dataDirectory, abilities, runsAs, environment, clock, log } = options
  return new AppCatalogue({
    file: appsFile(dataDirectory),
    records,
    abilities,
    find: (name, path = environment['PATH']) => findExecutable(name, path),
    icons: new InstalledIcons(dataDirectoriesOf(environment), clock),
    asRoot: runsAs.kind === 'root',
    clock,
    log,
  }).open()
}
