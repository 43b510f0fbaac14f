import type { StorageLike } from './storage-like.ts'

/**
 * A storage that never fails: where the browser refuses it, or it is full, what is put there lasts as long as the page.
 * `open` gives the browser's own, `() => localStorage` for instance: with cookies blocked even that throws, or gives null.
 */
export function ownStorage(open: () => StorageLike | null): StorageLike {
  const kept = new Map<string, string>()
  const ask = <T>(request: (storage: StorageLike) => T): T | undefined => {
    try {
      const storage = open()
      return storage ? request(storage) : undefined
    } catch {
      return undefined
    }
  }
  return {
    getItem: (key) => kept.get(key) ?? ask((storage) => storage.getItem(key)) ?? null,
    setItem(key, value) {
      const isStored = ask((storage) => {
        storage.setItem(key, value)
        return true
      })
      if (isStored) kept.delete(key)
      else kept.set(key, value)
    },
    removeItem(key) {
      kept.delete(key)
      ask((storage) => storage.removeItem(key))
    },
  }
}
