import type { Readable, Unsubscribe } from '../../kernel/readable.ts'
import type { HostEvent } from '../contract/host-event.ts'
import type { App } from './definition/app.ts'

/** Tells what becomes of each app from now on. */
export function followApps(apps: Readable<readonly App[]>, tell: (event: HostEvent) => void): Unsubscribe {
  let before = byId(apps.value)
  return apps.subscribe((now) => {
    const after = byId(now)
    const gone = [...before.keys()].filter((id) => !after.has(id))
    const changed = [...after].flatMap(([id, app]) => (before.get(id) === app ? [] : [id]))
    before = after
    for (const appId of gone) tell({ type: 'AppRemoved', appId })
    for (const appId of changed) tell({ type: 'AppChanged', appId })
  })
}

function byId(apps: readonly App[]): ReadonlyMap<string, App> {
  return new Map(apps.map((app) => [app.id, app]))
}
