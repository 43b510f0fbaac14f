import { openScene } from '../../../support/scene.ts'

/** A server and a browser for what is lost and comes back: processes, paths, connections, pages. */
export const scene = await openScene({ flags: ['--no-lobby'] })
