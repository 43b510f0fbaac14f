import { openScene } from '../../support/scene.ts'

/** A server and a browser, with the machine to themselves, for how fast pictures, sound and voices go and what others do to them. */
export const scene = await openScene({ flags: ['--no-lobby', '--encoder-budget', '2'], motion: 'no-preference' })
