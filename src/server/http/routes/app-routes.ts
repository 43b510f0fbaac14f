import * as v from 'valibot'
import {
  app as appSchema,
  appDetails as detailsSchema,
  changeApp,
  createApp,
  importedApps,
  putApp,
  tomlType,
} from '../../../wire/api/resources.ts'
import { appId } from '../../../wire/api/app-definition.ts'
import type { AppCatalogue } from '../../apps/app-catalogue.ts'
import { AppsError } from '../../apps/apps-error.ts'
import type { CatalogueEntry } from '../../apps/catalogue-entry.ts'
import { mergeDefinition } from '../../apps/merge-definition.ts'
import { maxAppsBytes } from '../../apps/read-apps-file.ts'
import { idOf, type ApiContext } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint, type Endpoint } from '../endpoint.ts'
import type { IdempotencyKeys } from '../idempotency-keys.ts'
import { readJson } from '../../../http/json-body.ts'
import { readBody } from '../../../http/request-body.ts'
import { resource, type ApiResource } from '../resource.ts'
import { appDetails, appView } from '../views.ts'

/** A definition with a picture in it, and all the words that it may have. */
const maxBytes = 1024 * 1024

/** `/apps`: what can be started, and how that is described. */
export function appRoutes({ apps, keys }: { apps: AppCatalogue; keys: IdempotencyKeys }): ApiResource[] {
  return [
    resource('/apps', {
      GET: jsonEndpoint({
        id: 'listApps',
        summary: 'What can be opened, best first, and why not',
        action: 'manage-lobbies',
        answer: v.array(appSchema),
        handle: async () => {
          await apps.refresh()
          return [...apps.entries.values()].map(appView)
        },
      }),
      POST: jsonEndpoint({
        id: 'createApp',
        summary: 'Describe an app',
        action: 'manage-apps',
        body: createApp,
        maxBytes,
        status: 201,
        answer: detailsSchema,
        keys,
        problems: ['app-exists', 'too-many-apps'],
        handle: async (context, { id, definition }) => {
          const entry = await apps.create(id, definition)
          context.header('Location', `${context.req.path}/${entry.app.id}`)
          return appDetails(entry)
        },
      }),
    }),
    resource('/apps/export', { GET: exportApps(apps) }),
    resource('/apps/import', { POST: importApps(apps) }),
    resource('/apps/:id', {
      GET: jsonEndpoint({
        id: 'readApp',
        summary: 'One app with its definition: command, environment and all',
        action: 'manage-apps',
        answer: detailsSchema,
        problems: ['app-not-found'],
        handle: (context) => appDetails(find(apps, context)),
      }),
      PUT: putApps(apps),
      PATCH: jsonEndpoint({
        id: 'changeApp',
        summary: 'Change a definition by a JSON merge patch (RFC 7396); lobbies that run stay as they are',
        action: 'manage-apps',
        body: changeApp,
        maxBytes,
        answer: detailsSchema,
        problems: ['app-not-found', 'app-read-only', 'invalid-app', 'too-many-apps'],
        handle: async (context, { definition }) => {
          return appDetails(await apps.change(idOf(context), (before) => mergeDefinition(before, definition)))
        },
      }),
      DELETE: emptyEndpoint({
        id: 'deleteApp',
        summary: 'Remove an app that was described here; lobbies that run go on',
        action: 'manage-apps',
        problems: ['app-not-found', 'app-read-only'],
        handle: (context) => apps.delete(idOf(context)),
      }),
    }),
  ]
}

/** The app of a path. Throws AppsError `app-not-found`. */
export function find(apps: AppCatalogue, context: ApiContext): CatalogueEntry {
  const entry = apps.entries.get(idOf(context))
  if (!entry) throw new AppsError('app-not-found', 'Cannot find the app: there is none with this id')
  return entry
}

function putApps(apps: AppCatalogue): Endpoint {
  return {
    id: 'putApp',
    summary: 'Describe an app under this id, in the place of what was there',
    action: 'manage-apps',
    body: putApp,
    problems: ['app-read-only', 'too-many-apps'],
    answers: { 200: { type: 'json', schema: detailsSchema }, 201: { type: 'json', schema: detailsSchema } },
    handle: async (context) => {
      const id = v.safeParse(appId, context.req.param('id'))
      if (!id.success) throw new ApiError('invalid-request', `Cannot use the id: ${id.issues[0].message}`)
      const { definition } = await readJson(context.req.raw, putApp, { maxBytes })
      const { entry, isNew } = await apps.put(id.output, definition)
      return context.json(appDetails(entry), isNew ? 201 : 200)
    },
  }
}

function exportApps(apps: AppCatalogue): Endpoint {
  return {
    id: 'exportApps',
    summary: 'All apps that were described here or in the file, as a file',
    action: 'manage-apps',
    answers: {
      200: { type: 'text', mediaType: tomlType, description: 'What an apps.toml says that describes the same apps' },
    },
    handle: (context) => {
      context.header('Content-Disposition', 'attachment; filename="apps.toml"')
      context.header('Content-Type', `${tomlType}; charset=utf-8`)
      return context.body(apps.export())
    },
  }
}

function importApps(apps: AppCatalogue): Endpoint {
  return {
    id: 'importApps',
    summary: 'Take over the apps that a file describes, all or none; those with the same ids are replaced',
    action: 'manage-apps',
    takes: [tomlType],
    problems: ['invalid-app', 'too-many-apps'],
    answers: { 200: { type: 'json', schema: importedApps } },
    handle: async (context) => {
      const { bytes } = await readBody(context.req.raw, { mediaTypes: [tomlType], maxBytes: maxAppsBytes })
      const { created, changed, unchanged } = await apps.import(new TextDecoder().decode(bytes))
      return context.json({ created: [...created], changed: [...changed], unchanged: [...unchanged] })
    },
  }
}
