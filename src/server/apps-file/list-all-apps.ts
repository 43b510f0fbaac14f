import { listApps } from '../../host/apps/app-list.ts'
import type { App } from '../../host/apps/app.ts'
import { definedApp, unavailableApp, type AppMachine } from '../../host/apps/defined-app.ts'
import { appsFile, readAppsFile } from './read-apps-file.ts'

/**
 * The ready-made apps, best first, and behind them those of the file in the data directory. One that has the id of a
 * ready-made app takes its place. What could not be understood is there too, and cannot run for that reason.
 */
export async function listAllApps(
  options: AppMachine & { readonly dataDirectory: string; readonly asRoot: boolean },
): Promise<readonly App[]> {
  const { dataDirectory } = options
  const [readyMade, { definitions, faults }] = await Promise.all([
    listApps(options),
    readAppsFile(appsFile(dataDirectory)),
  ])
  const apps = new Map(readyMade.map((app) => [app.id, app]))
  for (const definition of definitions) apps.set(definition.id, await definedApp(definition, options))
  for (const { id, reason } of faults) apps.set(id, unavailableApp(id, id, reason))
  return [...apps.values()]
}
