import {
  plainRun,
  readMemory,
  type ContainerRules,
  type RunRules,
  type SandboxRules,
} from '../../host/run/contract/run-rules.ts'
import type { ProgramDefinition } from '../../wire/api/app-definition.ts'

/** How the program of a definition is run. */
export function runRulesOf(definition: ProgramDefinition): RunRules {
  const { onExit = plainRun.onExit, runsUntil = plainRun.runsUntil, limits = {}, sandbox, container } = definition
  const { cpus, memory, processes, required = false } = limits
  return {
    onExit,
    runsUntil,
    limits: { cpus, memoryBytes: memory === undefined ? undefined : readMemory(memory), processes },
    requiresLimits: required,
    sandbox: sandbox === undefined || sandbox === false ? undefined : reachOf(sandbox === true ? {} : sandbox),
    container: container && containerOf(container),
  }
}

type Reach = Exclude<ProgramDefinition['sandbox'], boolean | undefined>

function reachOf({ network = false, readable = [], writable = [], devices = [] }: Reach): SandboxRules {
  return { network, readable, writable, devices }
}

function containerOf(rules: NonNullable<ProgramDefinition['container']>): ContainerRules {
  const { image, pull = 'missing', user, writableImage = false } = rules
  return { ...reachOf(rules), image, pull, user, writableImage }
}
