import { openScene } from '../../../support/scene.ts'

/** A server and a browser whose page moves as it usually does: what several see and hear of pictures, sound and voices. */
export const scene = await openScene({ flags: ['--no-lobby', '--encoder-budget', '2'], motion: 'no-preference' })
