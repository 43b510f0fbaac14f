import { findFirst, type FindProgram } from '../definition/requirement.ts'

/** A program that the desktop offers in its panel and its menu. */
export interface DesktopProgram {
  readonly id: 'terminal' | 'files' | 'editor' | 'browser'
  readonly title: string
  /** As a shell would be given it. */
  readonly command: string
}

const fileManagers = ['pcmanfm', 'thunar', 'nemo', 'caja', 'nautilus', 'dolphin']
const editors = ['mousepad', 'featherpad', 'geany', 'gedit', 'pluma', 'kate', 'l3afpad']
const terminalEditors = ['nano', 'vim', 'vi']
const browsers = ['firefox-esr', 'firefox']
/** Refuse to run as root unless their sandbox is turned off, which a browser must not. */
const browsersNotForRoot = ['chromium', 'google-chrome']

/** What is installed, in the order in which it is offered. The terminal always is. */
export async function findDesktopPrograms(options: {
  readonly find: FindProgram
  readonly asRoot: boolean
}): Promise<readonly DesktopProgram[]> {
  const { find, asRoot } = options
  const first = async (names: readonly string[]) => (await findFirst(names, find))?.name
  const inTerminal = (name: string | undefined) => name && `xterm -e ${name}`

  const files = (await first(fileManagers)) ?? inTerminal(await first(['mc']))
  const editor = (await first(editors)) ?? inTerminal(await first(terminalEditors))
  const browser = await first(asRoot ? browsers : [...browsers, ...browsersNotForRoot])
  const offer = (id: DesktopProgram['id'], title: string, command: string | undefined) =>
    command ? [{ id, title, command }] : []
  return [
    ...offer('terminal', 'Terminal', 'xterm'),
    ...offer('files', 'Files', files),
    ...offer('editor', 'Text editor', editor),
    ...offer('browser', 'Web browser', browser),
  ]
}
