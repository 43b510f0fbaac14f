import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

/** The directory that package.json is in. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/**
 * @param {...string} parts
 * @returns {string} absolute
 */
export const inRoot = (...parts) => join(root, ...parts)
