import { useEffect, useRef } from 'preact/hooks'
import type { ViewerModel } from '../model/viewer-model.ts'
import { Pointers } from './pointers.tsx'

interface PictureAreaProps {
  readonly model: ViewerModel
  /** The picture has a pointer of its own. */
  readonly hidesPointer: boolean
  /** Where the others point is shown. */
  readonly showsPointers: boolean
  readonly onPointerMove: (() => void) | undefined
}

/** The picture, and over it the last one that was seen, for as long as there is no other. */
export function PictureArea({ model, hidesPointer, showsPointers, onPointerMove }: PictureAreaProps) {
  const surface = useRef<HTMLDivElement>(null)
  const video = useRef<HTMLVideoElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const { current: picture } = video
    const { current: canvas } = still
    if (!surface.current || !picture || !canvas) return
    const keep = () => {
      const formerMs = model.path.value?.sinceMs
      // A connection can stand while nothing comes by it.
      const isBack = () => {
        const { status, path } = model
        return status.value === 'connected' && path.value !== undefined && path.value.sinceMs !== formerMs
      }
      keepPicture(picture, canvas, isBack)
    }
    model.open({ surface: surface.current, video: picture, keepPicture: keep })
  }, [])
  return (
    <div
      ref={surface}
      class="stage"
      data-pointer={hidesPointer ? 'hidden' : 'shown'}
      data-dim={model.status.value === 'reconnecting' || model.status.value === 'failed'}
      onPointerMove={onPointerMove}
    >
      <video ref={video} class="picture" muted autoplay playsInline disablePictureInPicture aria-label="The app" />
      <canvas ref={still} width={0} class="picture still" aria-hidden="true" />
      {showsPointers && <Pointers seats={model.seats} rendition={model.stats.value?.host?.rendition} video={video} />}
    </div>
  )
}

/** A lost connection leaves a black video behind: its last picture lies over it until the first one of the next connection. */
function keepPicture(video: HTMLVideoElement, canvas: HTMLCanvasElement, isBack: () => boolean): void {
  if (video.videoWidth === 0 || canvas.width > 0) return
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const look = () => {
    if (isBack()) canvas.width = 0
    else video.requestVideoFrameCallback(look)
  }
  video.requestVideoFrameCallback(look)
}
