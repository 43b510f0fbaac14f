import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { pictureBox, type Box, type HostStats } from '../../src/client/index.ts'
import type { SeatsModel } from '../model/seats-model.ts'
import { hueOf } from '../ui/avatars.tsx'

const nowhere: Box = { x: 0, y: 0, width: 0, height: 0 }

/** Where the others point, over the picture. Whose the seat is moves the app's own pointer: there the name is enough. */
export function Pointers({
  seats,
  rendition,
  video,
}: {
  seats: SeatsModel
  /** What the host sends, which may show the app with black bars around it. */
  rendition: NonNullable<HostStats['rendition']> | undefined
  video: RefObject<HTMLVideoElement | null>
}) {
  const box = useSignal(nowhere)
  useEffect(() => {
    const { current: element } = video
    if (!element) return undefined
    const measure = () => {
      const { clientWidth: width, clientHeight: height, videoWidth, videoHeight } = element
      box.value = pictureBox({ x: 0, y: 0, width, height }, { width: videoWidth, height: videoHeight })
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    element.addEventListener('resize', measure)
    return () => {
      observer.disconnect()
      element.removeEventListener('resize', measure)
    }
  }, [])
  const { x, y, width, height } = contentBox(box.value, rendition)
  const holder = seats.keyboard.value?.holder
  return (
    <div
      class="pointers"
      aria-hidden="true"
      style={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }}
    >
      {[...seats.pointers.value.values()].map((pointer) => (
        <div
          key={pointer.player.sessionId}
          class="player-pointer"
          data-holder={pointer.player.sessionId === holder}
          style={{
            '--hue': hueOf(pointer.player.sessionId),
            transform: `translate(${pointer.x * width}px, ${pointer.y * height}px)`,
          }}
        >
          <svg viewBox="0 0 16 20">
            <path d="M1 1v14.5l4-3.6 2.6 6.1 2.7-1.1-2.6-6h5.4z" />
          </svg>
          <span>{pointer.player.name}</span>
        </div>
      ))}
    </div>
  )
}

/** Where the app is shown within the picture. */
function contentBox(picture: Box, rendition: HostStats['rendition']): Box {
  const { content, width, height } = rendition ?? {}
  if (!content || !width || !height) return picture
  const [across, down] = [picture.width / width, picture.height / height]
  return {
    x: picture.x + content.x * across,
    y: picture.y + content.y * down,
    width: content.width * across,
    height: content.height * down,
  }
}
