import { useSignal } from '@preact/signals'
import type { HouseModel } from '../model/house-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { EndedLobbies } from '../output/ended-lobbies.tsx'
import { OutputDialog } from '../output/output-dialog.tsx'
import { SectionHead } from '../shell/section-head.tsx'
import { AppShelf } from './app-shelf.tsx'
import { LobbyCard, LobbyCardSkeleton } from './lobby-card.tsx'
import { MissingParts } from './missing-parts.tsx'

/** Everything that runs here, and what could. */
export function Wall({ page, house }: { page: PageModel; house: HouseModel }) {
  const lobbies = house.lobbies.value
  const loaded = house.loaded.value
  const isStale = loaded && house.feed.value.status !== 'open'
  const outputOf = useSignal<{ readonly id: string; readonly title: string } | undefined>(undefined)
  return (
    <>
      <SectionHead
        title={headline(loaded, lobbies.length)}
        summary={loaded ? summary(house) : 'Looking who left a light on …'}
      />
      <section class={`lobbies ${isStale ? 'stale' : ''}`} aria-label="Lobbies">
        {!loaded && [1, 2].map((key) => <LobbyCardSkeleton key={key} />)}
        {lobbies.map((lobby) => (
          <LobbyCard
            key={lobby.id}
            lobby={lobby}
            api={page.preferences.value.value.thumbnails ? house.api : undefined}
            appTitle={house.appTitle(lobby.appId)}
            mayStop={house.isOwner}
            mayPlay={house.me.role !== 'viewer'}
            onEnter={() => page.enter(lobby.id)}
            onStop={() => void house.stopLobby(lobby.id)}
            onOutput={house.isOwner ? () => (outputOf.value = lobby) : undefined}
          />
        ))}
      </section>
      {loaded && house.isOwner && (
        <AppShelf
          title={lobbies.length === 0 ? 'Switch something on' : 'Switch on another'}
          isMain={lobbies.length === 0}
          api={house.api}
          apps={house.apps.value}
          onStart={(appId) => page.startApp(house, appId)}
        />
      )}
      <EndedLobbies lobbies={house.ended.value} onOutput={(lobby) => (outputOf.value = lobby)} />
      {outputOf.value && (
        <OutputDialog
          api={house.api}
          lobbyId={outputOf.value.id}
          title={outputOf.value.title}
          onError={page.report}
          onClose={() => (outputOf.value = undefined)}
        />
      )}
      {house.host.value && <MissingParts host={house.host.value} apps={house.apps.value} />}
    </>
  )
}

function headline(loaded: boolean, count: number): string {
  if (!loaded) return 'One moment'
  return count === 0 ? 'The house is dark' : 'The light is on'
}

function summary({ lobbies, isOwner }: HouseModel): string {
  const running = lobbies.value
  if (running.length === 0) {
    return isOwner ? 'Nothing runs yet. Pick an app below and switch it on.' : 'Nothing runs that you were invited to.'
  }
  const people = running.reduce((sum, { members }) => sum + members.length, 0)
  const apps = running.length === 1 ? 'One app is running' : `${running.length} apps are running`
  const here = people === 0 ? 'nobody is watching' : people === 1 ? 'one person is in' : `${people} people are in`
  const stays = running.some(({ stopWhenEveryoneLeaves }) => stopWhenEveryoneLeaves)
    ? ''
    : ` ${running.length === 1 ? 'It stays' : 'They stay'} on when everyone leaves.`
  return `${apps}, ${here}.${stays}`
}
