import { after } from 'node:test'
import { openTestEngine, testImage } from '../../../support/container-engine.ts'
import { openScene } from '../../../support/scene.ts'

/** A container engine, or why there is none here. */
export const engine = await openTestEngine()
after(async () => {
  if (typeof engine !== 'string') await engine[Symbol.asyncDispose]()
})

/** What an enclosed app records from its microphone, in bytes: 16 bits of stereo at 44.1 kHz, a tenth of a second. */
export const recordedBytes = 17_640

const enclosed = `echo hello from inside, where $PULSE_SOURCE is heard; echo kept > "$HOME/kept"; \
  (parec --raw --latency-msec=20 | head -c ${recordedBytes} > "$HOME/recorded") & \
  exec xterm -geometry 200x60 -bg "#2060a0" -e "sleep 1000"`.replaceAll(/\s+/g, ' ')

const appsFile = `
[apps.talker]
title = "Talker"
command = ["sh", "-c", "echo hello from the app; xterm -e 'sleep 100'; echo it broke >&2; exit 3"]

[apps.kiosk]
title = "Kiosk"
command = ["sh", "-c", "echo run; exit 4"]
onExit = "restart"

[apps.slim]
kind = "test-pattern"
title = "Slim"
video = { codecs = ["vp8"], maxMbps = 0.6, preset = "quality" }

[apps.shut]
title = "Shut in"
command = ["sh", "-c", '${enclosed}']
sandbox = true

[apps.boxed]
title = "Boxed"
command = ["/bin/sh", "-c", '${enclosed}']
container = { image = "${testImage}" }

[apps.nowhere]
title = "Nowhere"
container = { image = "localhost/porchlight-none:1", pull = "never" }
`

/** A server with apps of its own and a browser, for how apps run and what they may. */
export const scene = await openScene({
  flags: [
    '--no-lobby',
    '--container-engine',
    typeof engine === 'string' ? '/nonexistent/engine.sock' : engine.socketPath,
  ],
  appsFile,
})
