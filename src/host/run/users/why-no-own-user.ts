import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { spawnChild } from '../../child/spawn-child.ts'
import { privilegeWords } from '../sandbox/identity.ts'
import { idsOf } from './user-range.ts'

/** Tries to be another user for something harmless. Why that cannot be; undefined when it can. */
export async function whyNoOwnUser(options: {
  readonly bwrap: string | undefined
  readonly setpriv: string | undefined
  readonly uid: number
  readonly clock: Clock
}): Promise<string | undefined> {
  const { bwrap, setpriv, uid, clock } = options
  if (bwrap === undefined || setpriv === undefined) {
    return `Not installed here: ${bwrap === undefined ? 'bwrap (bubblewrap)' : 'setpriv (util-linux)'}`
  }
  const { outside, inside } = privilegeWords({ kind: 'own', ids: { ...idsOf(uid), groups: [] }, setpriv }, '/')
  const words = [...outside, '--unshare-pid', '--dev-bind', '/', '/', '--proc', '/proc', '--', ...inside]
  try {
    const child = await spawnChild({ command: [bwrap, ...words, 'true'], env: {}, directory: '/', clock })
    const end = await child.closed
    return end.kind === 'clean' ? undefined : `There can be no users for apps: ${messageOf(end.error)}`
  } catch (error) {
    return `There can be no users for apps: ${messageOf(error)}`
  }
}
