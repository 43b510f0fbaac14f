import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import type { Log } from '../kernel/log.ts'
import type { App } from '../host/apps/definition/app.ts'
import type { Size } from '../domain/size.ts'
import type { Host } from '../host/contract/host.ts'
import { lackOfSpace } from './free-space.ts'
import { missingParts, usualEncoding } from './inventory.ts'
import { triedEncoders, type Machine } from './machine.ts'
import { ServerError } from './contract/server-error.ts'
import type { ServerFacts } from './server-facts.ts'

/**
 * The app of the first lobby: the wanted one if it can run here, else the best that can. Throws ServerError
 * `invalid-config` for an app that does not exist.
 */
export function chooseFirstApp(apps: readonly App[], wantedId: string | undefined): App | undefined {
  const wanted = apps.find(({ id }) => id === wantedId)
  if (wantedId !== undefined && !wanted) {
    const known = apps.map(({ id }) => id).join(', ')
    throw new ServerError('invalid-config', `Cannot use --app: got "${wantedId}", wanted one of ${known}`)
  }
  const canRun = ({ unavailable }: App) => unavailable === undefined
  return wanted && canRun(wanted) ? wanted : apps.find(canRun)
}

/**
 * Opens the first lobby unless others came back, waits until the encoders were tried, and tells what is known then. Never
 * rejects.
 */
export async function openFirstLobby(options: {
  host: Host
  machine: Pick<Machine, 'findings' | 'waitingRooms'>
  app: App | undefined
  size: Size
  dataDirectory: string
  clock: Clock
  log: Log
  /** Ends the waiting. */
  signal: AbortSignal
}): Promise<ServerFacts> {
  const { host, machine, app, size, dataDirectory, clock, log, signal } = options
  const lobbies = [...host.lobbies.values()]
  try {
    if (app && lobbies.length === 0) lobbies.push(await host.createLobby({ appId: app.id, size }))
  } catch (error) {
    log.error('Cannot open the first lobby', { appId: app?.id, error: messageOf(error) })
  }
  await triedEncoders(machine, clock, signal)
  const absentLobbies = [...host.absentLobbies.values()]
  const findings = { ...machine.findings, absentLobbies, lacking: lackOfSpace(dataDirectory) }
  const encoding = usualEncoding(findings.encoders)
  return {
    lobbies: lobbies.map(({ settings: { value: now }, fps }) => ({ title: now.title, ...now.size, fps, encoding })),
    missing: missingParts(findings),
    appUsers:
      findings.runsAs.kind === 'own' ? 'a user of its own for each lobby, as this was started as root' : undefined,
  }
}
