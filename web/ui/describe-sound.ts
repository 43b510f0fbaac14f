import type { SoundLayout } from '../../src/client/index.ts'

/** What a layout is called. */
export function describeSound(layout: SoundLayout): string {
  return layout === 'stereo' ? 'Stereo' : `${layout} surround`
}
