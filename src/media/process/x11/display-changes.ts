import type { Answer, CursorImages, Damage, Fixes, RandRNotify, XInput } from 'x11'
import { monotonicUs } from '../../contract/monotonic.ts'
import { DisplayLink, type DisplayLinkOptions } from './display-link.ts'

export interface DisplayChangesOptions extends Omit<DisplayLinkOptions, 'onEvent'> {
  /** There is something new to see; called once until the next `rearm`. */
  readonly onChange: () => void
  /** The screen has another size than when last asked for. */
  readonly onResize: () => void
}

interface Extensions {
  readonly damage: Damage
  readonly fixes: CursorImages
  readonly input: XInput
}

export interface ScreenSize {
  readonly width: number
  readonly height: number
}

/**
 * Says when a screen changes: drawing by DAMAGE, the pointer's motion by raw XInput events (it damages nothing) and its
 * shape by XFIXES. Each says so once, then is quiet until `rearm`, so that an unwatched screen costs nothing and a
 * pointer moved a thousand times a second costs one event for each picture.
 */
export class DisplayChanges {
  /** The connection that it watches by, also while a program has grabbed the server. */
  readonly link: DisplayLink
  readonly cursors: CursorImages
  readonly #damage: Damage
  readonly #input: XInput
  readonly #damageId: number
  readonly #onChange: () => void
  #changedSinceUs: number | undefined
  #motionSelected = false

  private constructor(link: DisplayLink, extensions: Extensions, onChange: () => void) {
    const { damage, fixes, input } = extensions
    this.link = link
    this.cursors = fixes
    this.#damage = damage
    this.#input = input
    this.#onChange = onChange
    this.#damageId = link.client.AllocID()
    damage.Create(this.#damageId, link.root, damage.ReportLevel.NonEmpty)
  }

  /** Rejects with MediaError `display-failed`, also when the server lacks one of the extensions. */
  static async open(options: DisplayChangesOptions): Promise<DisplayChanges> {
    let watch: DisplayChanges | undefined
    const link = await DisplayLink.open({
      ...options,
      onEvent: ({ name }) => {
        if (name === 'RRScreenChangeNotify') options.onResize()
        else if (name === 'DamageNotify' || name === 'CursorNotify') watch?.change()
        else if (name === 'XIRawMotion') watch?.pointerMoved()
      },
    })
    try {
      const { client, root } = link
      const [damage, fixes, input, randr] = await Promise.all([
        link.ask<Damage>((answer) => client.require('damage', answer)),
        link.ask<Fixes & CursorImages>((answer) => client.require('fixes', answer)),
        link.ask<XInput>((answer) => client.require('xinput', answer)),
        link.ask<RandRNotify>((answer) => client.require('randr', answer)),
      ])
      fixes.SelectCursorInput(root, fixes.CursorNotifyMask.DisplayCursor)
      randr.SelectInput(root, randr.NotifyMask.ScreenChange)
      watch = new DisplayChanges(link, { damage, fixes, input }, options.onChange)
      return watch
    } catch (error) {
      link.close()
      throw error
    }
  }

  /** Since when there is something new, in microseconds of the monotonic clock; undefined when there is not. */
  get changedSinceUs(): number | undefined {
    return this.#changedSinceUs
  }

  /**
   * Forgets the changes so far. When this resolves, a picture that is taken shows them all, and whatever happens after
   * it is told anew: the server has dealt with the requests in their order. Rejects with MediaError `display-failed`.
   */
  async rearm(): Promise<void> {
    this.#changedSinceUs = undefined
    this.#damage.Subtract(this.#damageId, 0, 0)
    if (!this.#motionSelected) this.#selectMotion(true)
    await this.link.ask((answer: Answer<unknown>) => this.link.client.GetInputFocus(answer))
  }

  /** Rejects with MediaError `display-failed`. */
  async size(): Promise<ScreenSize> {
    const { width, height } = await this.link.ask<ScreenSize>((answer) =>
      this.link.client.GetGeometry(this.link.root, answer),
    )
    return { width, height }
  }

  change(): void {
    if (this.#changedSinceUs !== undefined) return
    this.#changedSinceUs = monotonicUs()
    this.#onChange()
  }

  pointerMoved(): void {
    if (!this.#motionSelected) return
    this.#selectMotion(false)
    this.change()
  }

  close(): void {
    this.link.close()
  }

  #selectMotion(selected: boolean): void {
    this.#motionSelected = selected
    const { AllMasterDevices, EventType } = this.#input
    const mask = selected ? 1 << EventType.RawMotion : 0
    this.#input.XISelectEvents(this.link.root, { deviceId: AllMasterDevices, mask })
  }
}
