import type { LobbyView, ViewerStats } from '../../src/client/index.ts'

/** A picture that stands still is sent once a second or so: that is no lack of speed. */
const idleFps = 3
const idleBps = 200_000

/** `60 fps`, or `idle` when nothing moves. */
export function describeFrameRate({ framesPerSecond, videoBps }: ViewerStats): string {
  if (framesPerSecond === undefined) return '– fps'
  const isIdle = framesPerSecond < idleFps && videoBps !== undefined && videoBps < idleBps
  return isIdle ? 'idle' : `${Math.round(framesPerSecond)} fps`
}

/** What a browser hears of a lobby, which is always two channels: `128 kbit/s`, or `128 kbit/s, stereo of 5.1`. */
export function describeHeard(audioBps: number | undefined, lobby: Pick<LobbyView, 'soundLayout'> | undefined): string {
  const layout = lobby?.soundLayout ?? 'stereo'
  return layout === 'stereo' ? describeRate(audioBps) : `${describeRate(audioBps)}, stereo of ${layout}`
}

/** `12 ms`, or a dash for what is not known. */
export function describeTime(ms: number | undefined): string {
  if (ms === undefined) return '– ms'
  if (ms < 1) return '< 1 ms'
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

/** `4.2 Mbit/s`, `320 kbit/s`. */
export function describeRate(bps: number | undefined): string {
  if (bps === undefined) return '–'
  return bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bps / 1e3)} kbit/s`
}

const modes: Readonly<Record<string, string>> = {
  pictures: 'as usual',
  'bad-network': 'bad network: less, and whole',
  'sound-alone': 'sound alone: nothing is heard from here',
}

/** What the host sends in. */
export function describeMode(mode: string): string {
  return Object.hasOwn(modes, mode) ? (modes[mode] ?? mode) : mode
}

/** `0.4 %`. */
export function describeShare(ratio: number | undefined): string {
  return ratio === undefined ? '–' : `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)} %`
}
