import { useRef } from 'preact/hooks'
import type { ApiClient, LobbyView } from '../../src/client/index.ts'
import { appSign } from '../apps/app-sign.ts'
import { Icon } from '../ui/icon.tsx'
import { useThumbnail } from './use-thumbnail.ts'

interface LobbyWindowProps {
  readonly lobby: Pick<LobbyView, 'id' | 'appId' | 'status' | 'members'>
  /** Undefined: it is not looked into. */
  readonly api: Pick<ApiClient, 'thumbnail'> | undefined
}

/** A lobby as what it is: a window of the host, lit as long as the app runs, through which one sees what goes on. */
export function LobbyWindow({ lobby, api }: LobbyWindowProps) {
  const { id, appId, status, members } = lobby
  const element = useRef<HTMLDivElement>(null)
  const picture = useThumbnail(element, { api, lobbyId: id, isLit: status === 'running' })
  const people = members.length > 0 ? 'some' : 'none'
  return (
    <div ref={element} class="house" data-status={status} data-people={people} aria-hidden="true">
      <div class="house-window">
        <Icon name={appSign(appId)} />
      </div>
      {picture !== undefined && <img class="house-picture" src={picture} alt="" />}
    </div>
  )
}
