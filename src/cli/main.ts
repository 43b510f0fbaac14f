import { runCommand } from './run-command.ts'
import { terminalOf } from './contract/terminal.ts'

const code = await runCommand({
  args: process.argv.slice(2),
  environment: process.env,
  directory: process.cwd(),
  output: terminalOf(process.stdout),
  errors: terminalOf(process.stderr),
  process,
  exit: (forced) => process.exit(forced),
})
// Everything is closed by now; what a native library has still to put away is not waited for.
process.exit(code)
