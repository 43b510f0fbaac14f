import { videoCodecs } from '../../domain/video-codec.ts'
import type { ClientOptions } from './client-options.ts'
import { ownEnvironment, type ClientEnvironment } from './environment.ts'
import { encodedMedia, type EncodedMediaOptions } from '../web-media/encoded-media.ts'

/** What a client runs on: what is there, what was given in its place, and who takes media as it was encoded. */
export function environmentFor(
  { media, codecs = videoCodecs, environment }: ClientOptions,
  heard: Pick<EncodedMediaOptions, 'onPicture' | 'onSound'>,
): ClientEnvironment {
  const own = { ...ownEnvironment(), ...environment }
  if (media !== 'encoded') return own
  return { ...own, createPeer: undefined, webMedia: encodedMedia({ codecs, platform: own.webMedia, ...heard }) }
}
