import type { Host } from '../../../host/contract/host.ts'
import { may, mayEnter } from '../../../domain/rights.ts'
import { iconTypeOf, iconTypes, maxIconBytes, textOfIcon } from '../../../wire/api/icon-reference.ts'
import type { AppCatalogue } from '../../apps/app-catalogue.ts'
import { idOf, type ApiContext } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, type Endpoint } from '../endpoint.ts'
import { readBody } from '../../../http/request-body.ts'
import { resource, type ApiResource } from '../resource.ts'

/** A picture that is opened by itself, which an SVG can be, runs nothing and loads nothing. */
const picturePolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

/** `/apps/:id/icon`: the picture of an app. */
export function appIconRoutes({ apps, host }: { apps: AppCatalogue; host: Host }): ApiResource[] {
  return [
    resource('/apps/:id/icon', {
      GET: readIcon(apps, host),
      PUT: emptyEndpoint({
        id: 'putAppIcon',
        summary: `Give an app a picture of at most ${maxIconBytes / 1024} kB`,
        action: 'manage-apps',
        takes: iconTypes,
        problems: ['app-not-found', 'app-read-only', 'too-many-apps'],
        handle: async (context) => {
          const { type, bytes } = await readBody(context.req.raw, { mediaTypes: iconTypes, maxBytes: maxIconBytes })
          const found = iconTypeOf(bytes)
          if (found !== type) {
            const is = found === undefined ? 'it is no picture' : `it is ${found}`
            throw new ApiError('unsupported-media-type', `Cannot take the picture as ${type}: ${is}`)
          }
          await apps.change(idOf(context), (before) => ({ ...before, icon: textOfIcon({ type: found, bytes }) }))
        },
      }),
      DELETE: emptyEndpoint({
        id: 'deleteAppIcon',
        summary: 'Take away the picture that an app was given; that of its program may show up in its place',
        action: 'manage-apps',
        problems: ['app-not-found', 'app-read-only'],
        handle: async (context) => {
          await apps.change(idOf(context), ({ icon: _icon, ...rest }) => rest)
        },
      }),
    }),
  ]
}

function readIcon(apps: AppCatalogue, host: Host): Endpoint {
  return {
    id: 'readAppIcon',
    summary: 'The picture of an app, for whoever may start it or is in a lobby of it',
    headers: { 'If-None-Match': 'The picture that is there already' },
    problems: ['icon-not-found'],
    answers: {
      200: { type: 'bytes', mediaTypes: iconTypes, description: 'The picture' },
      304: { type: 'empty' },
    },
    handle: async (context) => {
      const icon = maySee(host, context) ? apps.entries.get(idOf(context))?.icon : undefined
      if (!icon) throw notFound()
      const caching = { ETag: `"${icon.version}"`, 'Cache-Control': 'private, no-cache' }
      if (context.req.header('if-none-match') === caching.ETag) {
        return new Response(null, { status: 304, headers: caching })
      }
      const picture = await icon.read()
      if (!picture) throw notFound()
      return new Response(picture.bytes, {
        headers: { ...caching, 'Content-Type': picture.type, 'Content-Security-Policy': picturePolicy },
      })
    },
  }
}

function maySee(host: Host, context: ApiContext): boolean {
  const member = context.get('member')
  if (may(member.role, 'manage-lobbies')) return true
  const appId = idOf(context)
  return host.lobbies.values().some((lobby) => lobby.appId === appId && mayEnter(member, lobby.id))
}

function notFound(): ApiError {
  return new ApiError('icon-not-found', 'Cannot find the picture: there is no such app, or it has none')
}
