import { barcodeAgeMs, decodeTimeBarcode } from '../../../src/media/test-pattern/time-barcode.ts'
import type { PictureMeter } from '../picture-meter.ts'

declare global {
  var pictureMeter: PictureMeter | undefined
}

interface Sighting {
  readonly drawnMs: number
  readonly shownMs: number
}

/** Cells of the barcode are five pixels wide at this size: large enough to read, small enough to cost little. */
const readSize = { width: 320, height: 180 }
/** Half a minute at 60 a second; the oldest go first. */
const capacity = 1800

globalThis.pictureMeter = watchPictures()

function watchPictures(): PictureMeter {
  const canvas = new OffscreenCanvas(readSize.width, readSize.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const sightings: Sighting[] = []
  let awaited: { readonly afterMs: number; readonly tell: (shownMs: number | undefined) => void } | undefined

  const look = (video: HTMLVideoElement) => {
    const shownMs = Date.now()
    // The picture that the page keeps from a lost connection lies over the video.
    const isCovered = (document.querySelector<HTMLCanvasElement>('.still')?.width ?? 0) > 0
    if (isCovered || !context) return
    context.drawImage(video, 0, 0, readSize.width, readSize.height)
    const time = decodeTimeBarcode(context.getImageData(0, 0, readSize.width, readSize.height))
    if (time === undefined) return
    const drawnMs = shownMs - barcodeAgeMs(time, shownMs)
    sightings.push({ drawnMs, shownMs })
    if (sightings.length > capacity) sightings.shift()
    if (awaited && drawnMs > awaited.afterMs) awaited.tell(shownMs)
  }

  return {
    begin(height) {
      const watch = () => {
        const video = document.querySelector('video')
        if (!video) return
        observer.disconnect()
        const next = () => {
          video.requestVideoFrameCallback((_now, frame) => {
            if (frame.height === height) look(video)
            next()
          })
        }
        next()
      }
      const observer = new MutationObserver(watch)
      observer.observe(document, { childList: true, subtree: true })
      watch()
    },
    firstDrawnAfter(afterMs, withinMs) {
      const { promise, resolve } = Promise.withResolvers<number | undefined>()
      const tell = (shownMs: number | undefined) => {
        awaited = undefined
        resolve(shownMs)
      }
      const seen = sightings.find(({ drawnMs }) => drawnMs > afterMs)
      if (seen) tell(seen.shownMs)
      else {
        awaited = { afterMs, tell }
        setTimeout(tell, afterMs + withinMs - Date.now(), undefined)
      }
      return promise
    },
  }
}
