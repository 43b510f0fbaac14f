import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** How a program is put into a process namespace of its own, where it is process 1. */
export const inPidNamespace = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'] as const

/** The same with a /proc of that namespace, as containers have it. */
export const inContainerLikeNamespace = [...inPidNamespace, '--mount-proc'] as const

/** Why there can be no process namespace here; false when there can. */
export async function whyNoPidNamespace(): Promise<string | false> {
  const [program, ...words] = inContainerLikeNamespace
  return promisify(execFile)(program, [...words, 'true']).then(
    () => false,
    (error: unknown) => `no process namespaces here: ${String(error)}`,
  )
}
