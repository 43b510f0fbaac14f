import * as v from 'valibot'
import { changeSettings, setting } from '../../../wire/api/resources.ts'
import type { LiveSettings } from '../../config/live-settings.ts'
import { SettingsError } from '../../config/settings-error.ts'
import { jsonEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { cameTrusted } from '../trusted-way.ts'

/** How the host runs: for the owner alone. */
export function settingRoutes(options: {
  settings: Pick<LiveSettings, 'views' | 'change'>
  allowedOrigins: readonly string[]
}): ApiResource[] {
  const { settings, allowedOrigins } = options
  return [
    resource('/settings', {
      GET: jsonEndpoint({
        id: 'listSettings',
        summary: 'Every setting: what is in use, what that comes from, and what the database says',
        action: 'manage-settings',
        answer: v.array(setting),
        handle: () => [...settings.views],
      }),
      PATCH: jsonEndpoint({
        id: 'changeSettings',
        summary: 'Keep settings in the database, or forget those that are null: all or none',
        action: 'manage-settings',
        body: changeSettings,
        answer: v.array(setting),
        problems: ['unknown-setting', 'invalid-setting', 'settings-not-from-here', 'disk-full'],
        handle(context, wanted) {
          if (!cameTrusted(context.env.incoming, allowedOrigins)) {
            throw new SettingsError('settings-not-from-here', notFromHere)
          }
          return [...settings.change(wanted)]
        },
      }),
    }),
  ]
}

const notFromHere =
  'Cannot change settings by plain HTTP over a network: somebody on the way could have asked for it. Use HTTPS, the page on the host itself, or npm start -- config there.'
