import type { App } from './definition/app.ts'

/** Runs everywhere: shows that pictures and sound arrive, how fast, and how late. */
export const testPattern: App = {
  id: 'test-pattern',
  title: 'Test pattern',
  size: { width: 1280, height: 720 },
  fps: 60,
  unavailable: undefined,
  source: {
    kind: 'test-pattern',
    lines: ['If this moves and you hear a tone, everything works.'],
    tone: 'stereo',
  },
}
