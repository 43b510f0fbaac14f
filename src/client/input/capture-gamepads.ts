import type { Clock } from '../../kernel/clock.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { GamepadPoller } from './gamepad-poller.ts'

/** Sends what happens on the machine's gamepads until `signal` is aborted. */
export function captureGamepads(options: {
  readonly clock: Clock
  readonly send: (message: InputMessage) => void
  readonly signal: AbortSignal
}) {
  const { signal } = options
  // Pages without a secure origin have no gamepads.
  const look = () => ('getGamepads' in navigator ? navigator.getGamepads() : [])
  const watch = new GamepadPoller({ ...options, look })
  const refresh = () => watch.refresh()
  window.addEventListener('gamepadconnected', refresh, { signal })
  window.addEventListener('gamepaddisconnected', refresh, { signal })
  signal.addEventListener('abort', () => watch.close(), { once: true })
  refresh()
  return {
    forget: () => watch.forget(),
    introduce: () => watch.introduce(),
    rumble(
      this: void,
      pad: number,
      { strong, weak, durationMs }: { strong: number; weak: number; durationMs: number },
    ) {
      const index = watch.indexOf(pad)
      const actuator = index === undefined ? undefined : look()[index]?.vibrationActuator
      const effect = { duration: durationMs, strongMagnitude: strong, weakMagnitude: weak }
      // A pad without motors says so by rejecting.
      void actuator?.playEffect('dual-rumble', effect).catch(() => {})
    },
  }
}
