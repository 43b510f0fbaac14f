import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { ViewerModel } from '../model/viewer-model.ts'

interface StageProps {
  readonly model: ViewerModel
  /** The picture has a pointer of its own. */
  readonly hidesPointer: boolean
  readonly onPointerMove: (() => void) | undefined
}

/** The picture, and under it the last one that was seen, for as long as there is no other. */
export function Stage({ model, hidesPointer, onPointerMove }: StageProps) {
  const surface = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (surface.current && video.current) model.open({ surface: surface.current, video: video.current })
  }, [])
  useSignalEffect(() => {
    if (model.status.value === 'reconnecting' && video.current && still.current) {
      keepPicture(video.current, still.current)
    }
  })
  return (
    <div
      ref={surface}
      class="stage"
      data-pointer={hidesPointer ? 'hidden' : 'shown'}
      data-dim={model.status.value === 'reconnecting' || model.status.value === 'failed'}
      onPointerMove={onPointerMove}
    >
      <canvas ref={still} class="picture" aria-hidden="true" />
      <video ref={video} class="picture" muted autoplay playsInline disablePictureInPicture aria-label="The app" />
    </div>
  )
}

function keepPicture(video: HTMLVideoElement, canvas: HTMLCanvasElement): void {
  if (video.videoWidth === 0) return
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const forget = () => {
    canvas.width = 0
  }
  video.addEventListener('loadeddata', forget, { once: true })
}
