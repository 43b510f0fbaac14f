import { spawn } from 'node:child_process'
import { root } from './paths.mjs'
import { elapsed, say } from './say.mjs'

/**
 * Runs a tool without input, keeps what it prints, and says now and then that it still works.
 *
 * @param {{
 *   command: string, args: readonly string[], env?: NodeJS.ProcessEnv, progress?: string,
 *   onLine?: (line: string) => void,
 * }} options `progress` is what to say every five seconds; nothing when left out
 * @returns {Promise<{ code: number, output: string }>} `code` is 127 when the command does not exist
 */
export function runTool({ command, args, env = process.env, progress, onLine }) {
  const startedMs = performance.now()
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const heartbeat = progress && setInterval(() => say(`  ${progress} (${elapsed(startedMs)})`), 5000)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (/** @type {string} */ text) => {
      output = (output + text).slice(-200_000)
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      if (onLine) lines.forEach(onLine)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      clearInterval(heartbeat || undefined)
      // EACCES also comes from a directory in PATH that may not be read.
      if ('code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) {
        resolve({ code: 127, output: `${command}: not found` })
      } else reject(error)
    })
    child.once('close', (code) => {
      clearInterval(heartbeat || undefined)
      resolve({ code: code ?? 1, output })
    })
  })
}

/**
 * @param {string} output
 * @param {number} count
 * @returns {string} its last lines, indented
 */
export function lastLines(output, count) {
  return output
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n')
}
