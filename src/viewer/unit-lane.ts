import type { PointerBatch } from '../domain/player.ts'
import type { AccessUnit, AudioUnit } from '../media/contract/access-unit.ts'
import { encodePointers as encodePointersMessage } from '../wire/input/pointers-message.ts'
import { encodeAudio, encodePointers, encodeVideo, mostViewers } from './link/protocol.ts'

export interface UnitLaneOptions {
  /** Hands a frame to the process. */
  readonly write: (label: Waiting['kind'], frame: Uint8Array) => void
}

type Waiting =
  | { readonly kind: 'video'; readonly what: AccessUnit; readonly viewers: number[] }
  | { readonly kind: 'audio'; readonly what: AudioUnit; readonly viewers: number[] }
  | { readonly kind: 'pointers'; readonly what: PointerBatch; readonly viewers: number[] }

/**
 * The way of units to a viewer process. A producer hands each unit to all of its viewers, one after the other: what comes
 * for several of them in a row goes over once.
 */
export class UnitLane {
  readonly #write: UnitLaneOptions['write']
  #waiting: Waiting | undefined

  constructor({ write }: UnitLaneOptions) {
    this.#write = write
  }

  video(what: AccessUnit, viewer: number): void {
    if (!this.#joins(what, viewer)) this.#begin({ kind: 'video', what, viewers: [viewer] })
  }

  audio(what: AudioUnit, viewer: number): void {
    if (!this.#joins(what, viewer)) this.#begin({ kind: 'audio', what, viewers: [viewer] })
  }

  pointers(what: PointerBatch, viewer: number): void {
    if (!this.#joins(what, viewer)) this.#begin({ kind: 'pointers', what, viewers: [viewer] })
  }

  #joins(what: object, viewer: number): boolean {
    const waiting = this.#waiting
    if (waiting?.what !== what || waiting.viewers.length >= mostViewers) return false
    waiting.viewers.push(viewer)
    return true
  }

  /** Goes as soon as the producer has handed it to the last of its viewers. */
  #begin(waiting: Waiting): void {
    if (this.#waiting) this.#flush()
    else queueMicrotask(() => this.#flush())
    this.#waiting = waiting
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (!waiting) return
    const { viewers } = waiting
    if (waiting.kind === 'video') this.#write('video', encodeVideo({ viewers, what: waiting.what }))
    else if (waiting.kind === 'audio') this.#write('audio', encodeAudio({ viewers, what: waiting.what }))
    else this.#write('pointers', encodePointers({ viewers, what: encodePointersMessage(waiting.what) }))
  }
}
