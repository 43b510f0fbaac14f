import type { Member } from '../../../domain/member.ts'

/** What a device shows whose key is not known yet. */
export type Introduction =
  | { readonly type: 'redeem'; readonly invitation: string; readonly name: string; readonly pin?: string }
  | { readonly type: 'prove'; readonly token: string }

/** What became of it; messages are for people. */
export type Introduced =
  | { readonly ok: true; readonly member: Member }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Who is let in by a key. */
export interface KeyDoor {
  /** Whose device has this public key; undefined for nobody's. May reject with a StoreError. */
  knock(publicKey: Uint8Array): Promise<Member | undefined>
  /**
   * Makes the device with this key one of the member whom the introduction is good for. `origin` is where it comes from, by which tries are
   * limited. May reject with a StoreError.
   */
  introduce(options: {
    readonly publicKey: Uint8Array
    readonly origin: string
    /** What the device is called. */
    readonly device: string
    readonly introduction: Introduction
  }): Promise<Introduced>
}
