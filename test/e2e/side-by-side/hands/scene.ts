import { openScene } from '../../../support/scene.ts'

/** A server and a browser for what hands do: keys, pointers, fingers, gamepads, copies, and whose turn it is. */
export const scene = await openScene({ flags: ['--no-lobby'] })
