import { parsePartyLink } from '../src/client/party.ts'
import { AppsPage } from './apps/apps-page.tsx'
import type { HostModel } from './model/host-model.ts'
import type { PageModel } from './model/page-model.ts'
import { PartyInvitation } from './party/party-invitation.tsx'
import { PartyPage } from './party/party-page.tsx'
import { SessionsPage } from './sessions/sessions-page.tsx'
import { SettingsPage } from './settings/settings-page.tsx'
import { sectionsFor } from './shell/sections.ts'
import { Shell } from './shell/shell.tsx'
import { ClosedLink } from './sign-in/closed-link.tsx'
import { Entry } from './sign-in/entry.tsx'
import { NotInvited } from './sign-in/not-invited.tsx'
import { PlainPage } from './sign-in/plain-page.tsx'
import { SignIn } from './sign-in/sign-in.tsx'
import { ToastList } from './ui/toasts.tsx'
import { useDroppedFiles } from './ui/use-dropped-files.ts'
import { Viewer } from './viewer/viewer.tsx'
import { Wall } from './wall/wall.tsx'

export function App({ page }: { page: PageModel }) {
  useDroppedFiles(() => page.toasts.show(isInLobby(page) ? notIntoTheApp : notHere, 'info'))
  return (
    <>
      <Room page={page} />
      {/* In a lobby they are among what else is told there. */}
      {!isInLobby(page) && <ToastList toasts={page.toasts} />}
    </>
  )
}

const notIntoTheApp = 'Files cannot be given to the app by dropping them. Text can be pasted'
const notHere = 'Nothing here takes a file that is dropped'

function isInLobby({ view, route }: PageModel): boolean {
  return view.value.kind === 'inside' && route.value.at === 'lobby'
}

function Room({ page }: { page: PageModel }) {
  const view = page.view.value
  switch (view.kind) {
    case 'loading':
      return <PlainPage title="Finding the light switch" busy />
    case 'sign-in': {
      const invitation = parsePartyLink(location.href)
      if (page.route.value.at === 'party' && invitation) return <PartyInvitation link={location.href} />
      return <SignIn refused={view.refused} reason={view.reason} />
    }
    case 'shut-out':
      return <ClosedLink closed={view.closed} lobbyTitle={view.lobbyTitle} onAway={view.onAway} />
    case 'unreachable':
      return (
        <PlainPage title="Nobody answers the door" busy>
          <p>The host cannot be reached. Is Porchlight still running there? This page keeps trying.</p>
        </PlainPage>
      )
    case 'entry':
      return <Entry entry={view.entry} />
    case 'inside':
      return <Inside page={page} host={view.host} token={view.token} />
  }
}

function Inside({ page, host, token }: { page: PageModel; host: HostModel; token: string }) {
  const route = page.route.value
  if (route.at === 'lobby') {
    const { lobbyId } = route
    const own = host.me.lobbyId
    if (own !== null && !host.mayEnter(lobbyId)) {
      return <NotInvited ownTitle={host.lobby(own)?.title} onGo={() => page.enter(own)} />
    }
    return <Viewer key={`${token} ${page.stay.value}`} page={page} host={host} token={token} lobbyId={lobbyId} />
  }
  const sections = sectionsFor(host.me)
  // What somebody may not see is not there: they are at the wall, the first of all sections.
  const section = sections.find((each) => each.route.at === route.at) ?? sections[0]
  const here = section?.route.at ?? 'wall'
  return (
    <Shell host={host} here={here} title={section?.title ?? 'Lobbies'}>
      {here === 'wall' && <Wall page={page} host={host} />}
      {here === 'party' && <PartyPage host={host} link={route.at === 'party' ? route.link : undefined} />}
      {here === 'apps' && <AppsPage page={page} host={host} />}
      {here === 'sessions' && <SessionsPage page={page} host={host} />}
      {here === 'settings' && <SettingsPage host={host} preferences={page.preferences} />}
    </Shell>
  )
}
