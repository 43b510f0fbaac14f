import { FF_ENCODER_LIBVPX_VP8, FF_ENCODER_LIBX264 } from 'node-av/constants'
import type { EncoderKind } from './video-encoder.ts'

/**
 * Each IDR picture can be decoded by itself, and a picture is ready when its slices are. One reference, since some decoders are opened
 * for no more: an encoding is shared by whoever wants its size.
 */
const inBand = 'repeat-headers=1:annexb=1:sliced-threads=1:ref=1'

/**
 * Constrained baseline with parameter sets before every IDR picture. Its rate control counts pictures, not time: with
 * `force-cfr=0` it would go by their times, but hold each one back until the next has come. FrameCadence makes up for it.
 */
export const x264: EncoderKind = {
  name: FF_ENCODER_LIBX264,
  codec: 'h264',
  adjustable: true,
  options: {
    preset: 'ultrafast',
    tune: 'zerolatency',
    profile: 'baseline',
    'forced-idr': '1',
    'x264-params': inBand,
  },
  // A filter of blocks and what else comes with this preset would cost text on a screen more than it gives.
  qualityOptions: { preset: 'faster', 'x264-params': `${inBand}:no-deblock=1:aq-mode=0:scenecut=0` },
}

/** libvpx swings wildly with the small buffer that suits the others. */
const vp8BufferSeconds = 0.5

/**
 * libvpx in real time. Only a negative `cpu-used` fixes the speed; a positive one lets it slow down at will. A key
 * picture may take six times the share of one picture.
 */
export const vp8: EncoderKind = {
  name: FF_ENCODER_LIBVPX_VP8,
  codec: 'vp8',
  adjustable: false,
  options: {
    deadline: 'realtime',
    'cpu-used': '-12',
    'lag-in-frames': '0',
    'auto-alt-ref': '0',
    'undershoot-pct': '100',
    'overshoot-pct': '15',
    'max-intra-rate': '600',
  },
  qualityOptions: { 'cpu-used': '-5' },
  prepare(context, { bitrateBps }) {
    // Without a lower bound equal to the upper one it would not keep to a constant rate.
    context.rcMinRate = BigInt(Math.round(bitrateBps))
    context.rcBufferSize = Math.round(bitrateBps * vp8BufferSeconds)
    context.qMin = 4
    context.qMax = 56
    return undefined
  },
}
