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
      return answerWithPicture(context, { tag: stillTag(still.jpeg), jpeg: still.jpeg })
    },
  }
}

/** What a picture is known by: another one looks different. */
export function stillTag(jpeg: Uint8Array): string {
  return `"${createHash('sha256').update(jpeg).digest('base64url').slice(0, 22)}"`
}

/** That picture, or that whoever asks has it. */
export function answerWithPicture(
  context: ApiContext,
  { tag, jpeg }: { readonly tag: string; readonly jpeg: Uint8Array },
): Response {
  // Kept by whoever may see it, and asked for again each time.
  const headers = { ETag: tag, 'Cache-Control': 'private, no-cache' }
  if (isKnown(tag, context.req.header('If-None-Match'))) return context.body(null, 304, headers)
  return context.body(Buffer.from(jpeg), 200, { ...headers, 'Content-Type': 'image/jpeg' })
}
