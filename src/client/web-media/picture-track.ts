/** A track whose pictures come from a program. */
export interface PictureTrack {
  readonly track: MediaStreamTrack
  /** Shows a picture and closes it. */
  show(frame: VideoFrame): void
  close(): void
}

/** Chromium's, which the DOM library types do not know. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(options: { kind: 'video' })
  readonly writable: WritableStream<VideoFrame>
}

/** Chromium's, which makes a track of what a program writes. */
export const hasTrackGenerator = 'MediaStreamTrackGenerator' in globalThis

/** Straight into a track where there is a generator (Chromium); over a canvas elsewhere (Firefox, Safari). */
export function openPictureTrack(): PictureTrack {
  return hasTrackGenerator ? openGenerator() : openCanvas()
}

function openGenerator(): PictureTrack {
  const track = new MediaStreamTrackGenerator({ kind: 'video' })
  const writer = track.writable.getWriter()
  // It fails when the track is stopped: then nobody looks any more.
  writer.closed.catch(() => {})
  return {
    track,
    show(frame) {
      // What the page has no time for is not queued up.
      if ((writer.desiredSize ?? 0) <= 0) return frame.close()
      writer.write(frame).catch(() => frame.close())
    },
    close() {
      track.stop()
      writer.close().catch(() => {})
    },
  }
}

function openCanvas(): PictureTrack {
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { alpha: false })
  const [track] = canvas.captureStream().getVideoTracks()
  if (!track) throw new Error('A canvas without a track')
  return {
    track,
    show(frame) {
      if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) {
        canvas.width = frame.displayWidth
        canvas.height = frame.displayHeight
      }
      context?.drawImage(frame, 0, 0)
      frame.close()
    },
    close: () => track.stop(),
  }
}
