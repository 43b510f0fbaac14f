import type { PictureTaste, PreferenceStore } from '../model/preferences.ts'
import type { ViewerModel } from '../model/viewer-model.ts'
import { Segments } from '../ui/segments.tsx'
import { describePicture } from './describe-picture.ts'

const modes = [
  { value: 'automatic', label: 'Automatic' },
  { value: 'chosen', label: 'I choose' },
] as const

const sizes = ['1920x1080', '1280x720', '960x540', '800x450', '640x360'] as const
const rates = [60, 30, 15] as const
/** In Mbit/s; 0 is what the path carries. */
const bitrates = [0, 20, 10, 5, 2.5, 1, 0.5] as const

/** What one sees oneself: it changes nothing for the others. */
export function PictureChoice({ model, preferences }: { model: ViewerModel; preferences: PreferenceStore }) {
  const { picture } = preferences.value.value
  const change = (changed: Partial<PictureTaste>) => preferences.change({ picture: { ...picture, ...changed } })
  return (
    <div class="field picture-choice">
      <Segments label="What I see" value={picture.mode} options={modes} onChange={(mode) => change({ mode })} />
      {picture.mode === 'chosen' && (
        <div class="settings-size">
          <select
            class="select"
            aria-label="Size of my picture"
            value={picture.size}
            onChange={(event) => change({ size: event.currentTarget.value })}
          >
            {sizes.map((size) => (
              <option key={size} value={size}>
                {size.replace('x', ' × ')}
              </option>
            ))}
          </select>
          <select
            class="select"
            aria-label="Pictures a second"
            value={picture.maxFps}
            onChange={(event) => change({ maxFps: Number(event.currentTarget.value) })}
          >
            {rates.map((rate) => (
              <option key={rate} value={rate}>
                {rate} fps
              </option>
            ))}
          </select>
          <select
            class="select"
            aria-label="Bitrate of my picture"
            value={picture.maxMbps}
            onChange={(event) => change({ maxMbps: Number(event.currentTarget.value) })}
          >
            {bitrates.map((rate) => (
              <option key={rate} value={rate}>
                {rate === 0 ? 'Any bitrate' : `${rate} Mbit/s`}
              </option>
            ))}
          </select>
        </div>
      )}
      <p class="settings-note" role="status">
        {describePicture(model.stats.value?.host, model.shape.value)}
      </p>
    </div>
  )
}
