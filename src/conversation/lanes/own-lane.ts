import type { Lane, Speech } from '../contract/lane.ts'

/** Tells a client what is for it alone: what it may do from now on, and what it is to feel on its gamepads. */
export function ownLane(speech: Speech): Lane {
  return {
    follow(session) {
      const unsubscribes = [
        session.role.subscribe((role) => speech.say({ type: 'role', role })),
        session.onRumble((pad, rumble) => speech.say({ type: 'rumble', pad, ...rumble })),
      ]
      return () => {
        for (const unsubscribe of unsubscribes) unsubscribe()
      }
    },
    close() {},
  }
}
