import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { spawnChild } from '../../child/spawn-child.ts'

const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /user namespace|setting up uid map|Operation not permitted/i,
    'This system forbids user namespaces to programs. Allow them (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu an AppArmor profile for bwrap), or leave the sandbox out',
  ],
]

/** Tries bubblewrap on something harmless. Why it cannot be used and how to change that; undefined when it can. */
export async function whyNoSandbox(bwrap: string | undefined, clock: Clock): Promise<string | undefined> {
  if (bwrap === undefined) {
    return 'Not installed here: bwrap. To install: sudo apt-get install --no-install-recommends bubblewrap'
  }
  try {
    const words = ['--unshare-user-try', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc']
    const child = await spawnChild({
      command: [bwrap, ...words, '--dev', '/dev', '--cap-drop', 'ALL', '--', 'true'],
      env: {},
      directory: '/',
      clock,
    })
    const end = await child.closed
    return end.kind === 'clean' ? undefined : explained(end.error)
  } catch (error) {
    return explained(error)
  }
}

function explained(error: unknown): string {
  const message = messageOf(error)
  const remedy = remedies.find(([symptom]) => symptom.test(message))?.[1]
  return `There can be no sandbox: ${message}${remedy === undefined ? '' : `. ${remedy}`}`
}
