import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { HostModel } from '../model/host-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { ViewerModel } from '../model/viewer-model.ts'
import { OutputDialog } from '../output/output-dialog.tsx'
import { HandOverDialog } from '../share/hand-over-dialog.tsx'
import { ShareDialog } from '../share/share-dialog.tsx'
import { ChatGlimpse, ChatPanel } from './chat-panel.tsx'
import { ControlBar } from './control-bar.tsx'
import { CopyPrompt } from './copy-prompt.tsx'
import { Hint, TypingHint } from './hint.tsx'
import { isAudible } from './is-audible.ts'
import { KeysBar } from './keys-bar.tsx'
import { Overlay } from './overlay.tsx'
import { SeatBanner } from './seat-banner.tsx'
import { SoundPrompt } from './sound-prompt.tsx'
import { PictureArea } from './picture-area.tsx'
import { isStayOver, StayOver } from './stay-over.tsx'
import { StatsPanel } from './stats-panel.tsx'
import { useMediaQuery } from '../ui/use-media-query.ts'
import { ToastList } from '../ui/toasts.tsx'
import { AskBanners } from '../ui/ask-banners.tsx'
import { WaitingCaption } from './waiting-caption.tsx'
import { WatchBanner } from './watch-banner.tsx'
import { useBannersHeight } from './use-banners-height.ts'
import { useVainInput } from './use-vain-input.ts'
import { useBarVisibility } from './use-bar-visibility.ts'
import { useVisibleHeight } from './use-visible-height.ts'

interface ViewerProps {
  readonly page: PageModel
  readonly host: HostModel
  readonly token: string
  readonly lobbyId: string
}

/** A lobby, from inside: the picture fills the window, everything else floats over it and goes away. */
export function Viewer({ page, host, token, lobbyId }: ViewerProps) {
  const root = useRef<HTMLDivElement>(null)
  const mayPlay = host.me.role !== 'viewer'
  const sharing = useSignal(false)
  const showsOutput = useSignal(false)
  const handsOver = useSignal(false)
  const bar = useBarVisibility()
  // A landscape picture leaves room on a phone held upright: the bar can stay.
  const hasRoom = useMediaQuery('(max-width: 46rem) and (orientation: portrait)')
  useVisibleHeight(root)
  useBannersHeight(root)
  const model = useMemo(
    () =>
      new ViewerModel({
        lobbyId,
        token,
        session: page.takeArriving(),
        onRole: (role) => {
          if (role === host.me.role) return
          host.changeRole(role)
          if (role === 'viewer') page.toasts.show('You can only watch from now on', 'info')
          else page.toasts.show('You can play from now on', 'success')
        },
        onSent: async ({ by, reason }, target) => {
          if (target === undefined) return
          await page.sentTo(target)
          const where = host.lobby(target)?.title ?? 'another lobby'
          page.toasts.show(`${by} has sent you to ${where}${reason === undefined ? '' : `: ${reason}`}`, 'info')
        },
        onTrouble: () => void page.checkToken(),
        touchMode: () => page.preferences.value.value.touch,
        optionKeys: () => page.preferences.value.value.optionKeys,
        onMessage: (text, kind) => page.toasts.show(text, kind),
        onRelease: () => {
          bar.show()
          // The bar can take the focus once it is drawn.
          requestAnimationFrame(() => root.current?.querySelector<HTMLElement>('.bar button')?.focus())
        },
      }),
    [],
  )
  useEffect(() => () => model.close(), [])
  useEffect(() => model.setMayPlay(mayPlay), [mayPlay])
  useVainInput(root, !mayPlay, () => model.seats.watchedInVain())
  useSignalEffect(() => {
    const { sound, volume } = page.preferences.value.value
    if (model.hasPicture.value) model.setSound(sound === true, volume)
  })
  useSignalEffect(() => {
    // The client is there as soon as the page has a place for the picture.
    if (model.status.value !== 'disconnected') model.setPicture(page.preferences.value.value.picture)
  })
  useSignalEffect(() => model.clipboard.set(page.preferences.value.value.clipboard))
  const lobby = host.lobby(lobbyId)
  // What it was called is still on the door when it has ended.
  const title = useRef('Lobby')
  if (lobby) title.current = lobby.title
  useEffect(() => {
    document.title = lobby ? `${lobby.title} · Porchlight` : 'Porchlight'
    return () => {
      document.title = 'Porchlight'
    }
  }, [lobby?.title])
  const { stats: showsStats, sound, touch, pointers: showsPointers } = page.preferences.value.value
  const offersSound =
    lobby !== undefined && isAudible(lobby) && model.hasPicture.value && model.waiting.value === undefined
  const isCalm = model.status.value === 'connected' && model.waiting.value === undefined && !sharing.value
  const shown = bar.shown.value || !isCalm || hasRoom
  const isOver = isStayOver(model)
  useEffect(() => {
    // What was offered in them is of no use any more.
    if (isOver) for (const dialog of [sharing, handsOver, showsOutput]) dialog.value = false
  }, [isOver])
  return (
    <>
      <div class="viewer" ref={root} data-bar={shown ? 'shown' : 'hidden'} inert={isOver}>
        <PictureArea
          model={model}
          hidesPointer={mayPlay && isCalm && lobby !== undefined && lobby.layout !== null && !model.seats.isTaken.value}
          showsPointers={showsPointers && isCalm}
          onPointerMove={mayPlay ? undefined : bar.show}
        />
        <Overlay model={model} secure={host.secure} onLeave={() => page.leaveLobby()} />
        <ControlBar
          model={model}
          host={host}
          lobby={lobby}
          title={title.current}
          preferences={page.preferences}
          shown={shown}
          onShow={bar.show}
          onHold={bar.hold}
          onShare={() => (sharing.value = true)}
          onHandOver={() => (handsOver.value = true)}
          onLeave={() => page.leaveLobby()}
          fullScreenElement={root}
        />
        {showsStats && (
          <StatsPanel model={model} lobby={lobby} onClose={() => page.preferences.change({ stats: false })} />
        )}
        <div class="notices">
          <ToastList toasts={page.toasts} />
          {host.isOwner && <AskBanners host={host} lobbyId={lobbyId} />}
          {mayPlay && isCalm && <SeatBanner seats={model.seats} onDone={() => model.focus()} />}
          {!mayPlay && isCalm && <WatchBanner seats={model.seats} />}
          {mayPlay && <Hint captured={model.captured} touch={touch} />}
          {mayPlay && isCalm && <TypingHint captured={model.captured} onTake={() => model.focus()} />}
          <CopyPrompt clipboard={model.clipboard} />
          {offersSound && sound === undefined && (
            <SoundPrompt onChoose={(on) => page.preferences.change({ sound: on })} />
          )}
          {offersSound && sound === true && model.muted.value && (
            <SoundPrompt
              onChoose={(on) => (on ? model.setSound(true, page.preferences.value.value.volume) : undefined)}
            />
          )}
          <WaitingCaption
            model={model}
            onLeave={() => page.leaveLobby()}
            onOutput={host.isOwner ? () => (showsOutput.value = true) : undefined}
          />
        </div>
        {mayPlay && <KeysBar model={model} />}
        {model.chat.isOpen.value ? (
          <ChatPanel
            chat={model.chat}
            status={model.status.value}
            onClose={() => {
              model.chat.close()
              model.focus()
            }}
          />
        ) : (
          <ChatGlimpse chat={model.chat} />
        )}
        {handsOver.value && (
          <HandOverDialog
            host={host}
            model={model}
            lobbyId={lobbyId}
            onError={page.report}
            onClose={() => {
              handsOver.value = false
              model.focus()
            }}
          />
        )}
        {showsOutput.value && (
          <OutputDialog
            api={host.api}
            lobbyId={lobbyId}
            title={title.current}
            onError={page.report}
            onClose={() => {
              showsOutput.value = false
              model.focus()
            }}
          />
        )}
        {sharing.value && (
          <ShareDialog
            host={host}
            lobbyId={lobbyId}
            title={title.current}
            onError={page.report}
            onClose={() => {
              sharing.value = false
              model.focus()
            }}
          />
        )}
      </div>
      {isOver && <StayOver model={model} title={title.current} onLeave={() => page.leaveLobby()} />}
    </>
  )
}
