import { resolve } from 'node:path'
import { maxAppsBytes } from '../../server/apps/read-apps-file.ts'
import { readInputFile } from '../terminal/read-input-file.ts'
import { facts, table } from '../terminal/table.ts'
import { verbCommand } from './verb.ts'

export const app = verbCommand('app', 'Apps: what can be started.', {
  list: {
    help: 'the apps that there are, and why one cannot run',
    args: [],
    flags: {},
    async run({ api }) {
      const apps = await api.apps()
      const rows = apps.map(({ id, title, origin, available, unavailableReason }) => {
        return [id, title, origin, available ? 'can run' : (unavailableReason ?? 'cannot run')]
      })
      return { json: apps, text: table(['ID', 'TITLE', 'FROM', 'STATE'], rows, 'There is no app.') }
    },
  },
  show: {
    help: 'everything about one app',
    args: ['APP'],
    flags: {},
    async run({ api, args: [appId = ''] }) {
      const found = await api.app(appId)
      const { id, title, origin, place, width, height, fps, soundLayout, available, unavailableReason, definition } =
        found
      const text = facts([
        ['Id', id],
        ['Title', title],
        ['From', place ?? origin],
        ['Display', `${width}x${height}@${fps}${soundLayout === null ? '' : `, ${soundLayout} sound`}`],
        ['State', available ? 'can run' : (unavailableReason ?? 'cannot run')],
        ['Defined', definition === null ? 'ready-made' : JSON.stringify(definition)],
      ])
      return { json: found, text }
    },
  },
  export: {
    help: 'print all apps of your own as the text of an apps.toml',
    args: [],
    flags: {},
    async run({ api }) {
      const text = await api.exportApps()
      return { json: { toml: text }, text }
    },
  },
  import: {
    help: 'take over what an apps.toml describes, all or nothing',
    args: ['FILE'],
    flags: {},
    async run({ api, args: [file = ''], context }) {
      const imported = await api.importApps(
        readInputFile(resolve(context.directory, file), { what: 'Cannot import', mostBytes: maxAppsBytes }),
      )
      const { created, changed, unchanged } = imported
      const text = facts([
        ['Created', created.join(', ') || 'none'],
        ['Changed', changed.join(', ') || 'none'],
        ['As before', unchanged.join(', ') || 'none'],
      ])
      return { json: imported, text }
    },
  },
  remove: {
    help: 'forget an app of your own; its lobbies go on',
    args: ['APP'],
    flags: {},
    async run({ api, args: [appId = ''] }) {
      await api.deleteApp(appId)
      return { json: { id: appId, removed: true }, text: `Removed ${appId}.\n` }
    },
  },
})
