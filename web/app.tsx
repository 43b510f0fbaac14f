import type { PageModel } from './model/page-model.ts'
import { NoticePage } from './sign-in/notice-page.tsx'
import { SignIn } from './sign-in/sign-in.tsx'
import { ToastList } from './ui/toasts.tsx'
import { Viewer } from './viewer/viewer.tsx'
import { Wall } from './wall/wall.tsx'

export function App({ page }: { page: PageModel }) {
  return (
    <>
      <Room page={page} />
      <ToastList toasts={page.toasts} />
    </>
  )
}

function Room({ page }: { page: PageModel }) {
  const view = page.view.value
  switch (view.kind) {
    case 'loading':
      return <NoticePage title="Finding the light switch" busy />
    case 'sign-in':
      return <SignIn refused={view.refused} />
    case 'unreachable':
      return (
        <NoticePage title="Nobody answers the door" busy>
          <p>The host cannot be reached. Is Porchlight still running there? This page keeps trying.</p>
        </NoticePage>
      )
    case 'inside': {
      const lobbyId = page.lobbyId.value
      if (lobbyId === undefined) return <Wall page={page} house={view.house} />
      return (
        <Viewer key={`${view.token} ${lobbyId}`} page={page} house={view.house} token={view.token} lobbyId={lobbyId} />
      )
    }
  }
}
