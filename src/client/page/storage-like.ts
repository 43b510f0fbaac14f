/** What is needed of a `Storage`. */
export type StorageLike = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
