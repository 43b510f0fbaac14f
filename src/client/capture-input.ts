import { systemClock } from '../kernel/clock.ts'
import type { PorchlightClient } from './porchlight-client.ts'
import { openInputCapture, type InputCapture, type InputCaptureOptions } from './input/input-capture.ts'

/**
 * Takes keyboard, pointer, touch and gamepads of a page to the client's app, and what is pasted, through every reconnection
 * until it is closed. `surface` is what is clicked and touched; the video lies in it.
 */
export function captureInput(
  client: PorchlightClient,
  options: Pick<InputCaptureOptions, 'surface' | 'video' | 'touchMode' | 'optionKeys' | 'onNotPasted' | 'onRelease'>,
): InputCapture {
  const capture = openInputCapture({
    ...options,
    clock: systemClock,
    send: (message) => void client.send(message),
    // What cannot be pasted is told by the host's own words, not by a key that does nothing.
    paste: (text) => client.clipboard.write(text).catch(() => {}),
  })
  const stops = [
    client.on('rumble', (pad, rumble) => capture.rumble(pad, rumble)),
    client.on('stateChange', (state) => state === 'connected' && capture.introduceGamepads()),
  ]
  return {
    ...capture,
    close() {
      for (const stop of stops) stop()
      capture.close()
    },
  }
}
