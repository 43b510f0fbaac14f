import { ApiClient } from '../../client/api/api-client.ts'
import { readLocalAccess } from '../../server/local-access.ts'
import { UsageError } from '../contract/usage-error.ts'

/** The setting that holds the token of a server elsewhere. It is never a flag: those are seen by everybody on a machine. */
const tokenVariable = 'PORCHLIGHT_TOKEN'

/**
 * The way to a server: the one that runs on this data, with its owner's rights, or the one that is named. Throws a
 * UsageError that says what to do when there is none.
 */
export function connect(options: {
  readonly url: string | undefined
  readonly dataDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}): ApiClient {
  const { url, dataDirectory, environment } = options
  if (url !== undefined) {
    const token = environment[tokenVariable]
    if (!token) throw new UsageError('wrong-arguments', `Cannot use --url: wanted the token for it in ${tokenVariable}`)
    return new ApiClient({ baseUrl: originOf(url), token })
  }
  const access = readLocalAccess(dataDirectory)
  if (access) return new ApiClient({ baseUrl: access.url, token: access.token })
  throw new UsageError(
    'no-server',
    `Cannot find a server: none runs on the data in ${dataDirectory}. Start one with npm start, name its data with --data, or one elsewhere with --url.`,
  )
}

function originOf(url: string): string {
  const parsed = URL.parse(url)
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed.origin
  throw new UsageError(
    'wrong-arguments',
    `Cannot use --url: got "${url.slice(0, 100)}", wanted http://... or https://...`,
  )
}
