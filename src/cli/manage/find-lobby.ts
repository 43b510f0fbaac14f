import type { ApiClient } from '../../client/api/api-client.ts'
import type { LobbyView } from '../../wire/api/resources.ts'
import { UsageError } from '../contract/usage-error.ts'

const shortestPrefix = 4

/** The lobby that is meant: by its id, the beginning of it, or its title. Throws a UsageError when that is none, or several. */
export async function findLobby(api: ApiClient, meant: string): Promise<LobbyView> {
  const lobbies = await api.lobbies()
  const exact = lobbies.find(({ id }) => id === meant)
  if (exact) return exact
  const title = meant.toLowerCase()
  const found = lobbies.filter((lobby) => {
    return lobby.title.toLowerCase() === title || (meant.length >= shortestPrefix && lobby.id.startsWith(meant))
  })
  const [first, ...others] = found
  if (first && others.length === 0) return first
  const what = first
    ? `${found.length} lobbies are called so: ${found.map(({ id }) => id).join(', ')}`
    : 'there is none'
  throw new UsageError(
    'wrong-arguments',
    `Cannot tell which lobby "${meant}" is: ${what}. See npm start -- lobby list.`,
  )
}
