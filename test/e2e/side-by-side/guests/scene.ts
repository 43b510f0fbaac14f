import { openScene } from '../../../support/scene.ts'

/** A server and a browser for who comes in and what they may: guests, links, rights, clients of others. */
export const scene = await openScene({ flags: ['--no-lobby'] })
