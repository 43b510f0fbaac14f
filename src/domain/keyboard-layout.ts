/** A keyboard layout by its XKB name, with its variant if it has one: `de`, `us(dvorak)`. */
export type KeyboardLayout = string

/** Where nothing else is known. */
export const usualLayout: KeyboardLayout = 'us'
