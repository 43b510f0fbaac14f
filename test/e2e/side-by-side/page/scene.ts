import { openScene } from '../../../support/scene.ts'

/** A server and a browser for the page itself: what it shows, on which screens, to whom. */
export const scene = await openScene({ flags: ['--no-lobby'], motion: 'no-preference' })
