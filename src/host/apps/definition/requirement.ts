import { whyNoSockets } from '../../display/socket-directory.ts'

/** A program that an app needs; any one of `anyOf` will do. */
export interface Requirement {
  readonly anyOf: readonly [string, ...string[]]
  /** The Debian package that brings the first of them. */
  readonly package: string
}

/** The absolute path of a program, or undefined when it is not installed; `path` is where to look instead of the usual places. */
export type FindProgram = (name: string, path?: string) => Promise<string | undefined>

/** A display server that the lobby can run on. */
export const displayServer: Requirement = { anyOf: ['Xvnc', 'Xvfb'], package: 'tigervnc-standalone-server' }

/** Why something with these requirements cannot run here and how to change that; undefined when it can. */
export async function whyUnavailable(
  requirements: readonly Requirement[],
  find: FindProgram,
): Promise<string | undefined> {
  const present = await Promise.all(requirements.map(({ anyOf }) => findFirst(anyOf, find)))
  const missing = requirements.filter((_, index) => present[index] === undefined)
  if (missing.length === 0) return requirements.includes(displayServer) ? whyNoSockets() : undefined
  const programs = missing.map(({ anyOf }) => anyOf.join(' or ')).join(', ')
  const packages = [...new Set(missing.map((requirement) => requirement.package))].join(' ')
  return `Not installed here: ${programs}. To install: sudo apt-get install --no-install-recommends ${packages}`
}

/** The first of these programs that is installed. */
export async function findFirst(
  names: readonly string[],
  find: FindProgram,
): Promise<{ readonly name: string; readonly path: string } | undefined> {
  for (const name of names) {
    const path = await find(name)
    if (path !== undefined) return { name, path }
  }
  return undefined
}
