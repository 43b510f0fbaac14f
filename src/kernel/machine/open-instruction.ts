import type { EdgeName } from '../session/edge.ts'
import type { OpenRequest } from '../session/open-request.ts'
import type { Coroutine } from './coroutine.ts'
import type { Instruction } from './instruction.ts'
import { ownEntry } from './lookup.ts'
import { MachineError } from './machine-error.ts'
import type { MachineOptions } from './machine-options.ts'

/**
 * What an `open` asks of the session store. Registers, handlers and keys are looked up here, so that a refusal leaves no
 * session behind. Throws a {@link MachineError}.
 */
export function requestOf(
  { protocol, roles, localTypes, dsts, handlers, buffers, auth: authName }: Instruction & { op: 'open' },
  coroutine: Coroutine,
  options: MachineOptions,
): OpenRequest {
  for (const dst of dsts) coroutine.check(dst)
  if (new Set(dsts).size < dsts.length) {
    throw new MachineError(
      'duplicate-register',
      `Coroutine ${coroutine.id} cannot open "${protocol}": an endpoint would overwrite another`,
    )
  }
  const bound = Object.entries(handlers).map(([edge, name]) => {
    const handler = ownEntry(options.handlers, name)
    if (handler) return [edge as EdgeName, handler] as const
    throw new MachineError(
      'missing-handler',
      `Coroutine ${coroutine.id}: there is no handler "${name}" for edge ${edge}`,
    )
  })
  const auth = authName === undefined ? undefined : ownEntry(options.auth, authName)
  if (authName !== undefined && !auth) {
    throw new MachineError(
      'missing-auth',
      `Coroutine ${coroutine.id}: there is nothing named "${authName}" to authenticate "${protocol}" with`,
    )
  }
  return {
    protocol,
    roles,
    localTypes,
    owners: dsts.map(() => coroutine.id),
    handlers: new Map(bound),
    ...(buffers && { buffers: new Map(Object.entries(buffers) as [EdgeName, (typeof buffers)[EdgeName]][]) }),
    ...(auth && { auth }),
  }
}
