import { branch, choice, message } from '../../src/kernel/protocol/notation.ts'
import { protocol } from '../../src/kernel/protocol/protocol.ts'

/** The planner chooses; the builder is told by the planner, the clerk only by what the builder then sends. */
export const threeRoleChoice = protocol(
  'three-role choice',
  ['planner', 'builder', 'clerk'],
  [
    choice('planner', 'builder', {
      build: branch([message('builder', 'clerk', 'built')]),
      skip: branch([message('builder', 'clerk', 'skipped')]),
      fail: branch([message('builder', 'clerk', 'failed'), message('clerk', 'planner', 'report')]),
    }),
  ],
)
