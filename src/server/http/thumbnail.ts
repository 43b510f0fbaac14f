import { createHash } from 'node:crypto'
import type { Lobby } from '../../host/contract/lobby.ts'
import type { ApiContext } from './api-context.ts'
import type { Endpoint } from './endpoint.ts'
import { isKnown } from './entity-tag.ts'

/** A small picture of what a lobby shows, for a client that shows many of them; `find` throws for one that may not be seen. */
export function thumbnailEndpoint(find: (context: ApiContext) => Lobby): Endpoint {
  return {
    id: 'readThumbnail',
    summary:
      'What a lobby shows, small, or 204 while there is nothing to see; made anew every two seconds at most, and not at all while nobody asks',
    action: 'watch',
    headers: { 'If-None-Match': 'The ETag of the answer before: 304 when the lobby still looks like that' },
    answers: {
      200: { type: 'bytes', mediaTypes: ['image/jpeg'], description: 'At most 480 pixels wide and high' },
      204: { type: 'empty' },
      304: { type: 'empty' },
    },
    problems: ['lobby-not-found'],
    handle: async (context) => {
      const still = await find(context).still()
      if (!still) return context.body(null, 204)
      const tag = `"${createHash('sha256').update(still.jpeg).digest('base64url').slice(0, 22)}"`
      // Kept by whoever may see it, and asked for again each time.
      const headers = { ETag: tag, 'Cache-Control': 'private, no-cache' }
      if (isKnown(tag, context.req.header('If-None-Match'))) return context.body(null, 304, headers)
      return context.body(Buffer.from(still.jpeg), 200, { ...headers, 'Content-Type': 'image/jpeg' })
    },
  }
}
