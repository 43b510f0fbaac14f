import { codecFacts, soundLayouts, videoCodecs } from '../../src/client/index.ts'
import { Segments } from '../ui/segments.tsx'
import { Switch } from '../ui/switch.tsx'
import { describeSound } from '../ui/describe-sound.ts'
import type { AppDraft } from './app-draft.ts'
import { wordsOf } from './command-words.ts'
import { EnvironmentField } from './environment-field.tsx'
import { SelectField, TextField } from './form-field.tsx'
import { IconField } from './icon-field.tsx'

interface AppFormProps {
  readonly draft: AppDraft
  /** What the host found wrong, by the path of keys, `environment/LANG` for instance. */
  readonly errors: ReadonlyMap<string, string>
  readonly onChange: (change: Partial<AppDraft>) => void
}

const kinds = [
  { value: 'display', label: 'A program' },
  { value: 'test-pattern', label: 'A test pattern' },
] as const
const sounds = [
  { value: '', label: 'None' },
  ...soundLayouts.map((layout) => ({ value: layout, label: describeSound(layout) })),
] as const
const codecs = [
  { value: '', label: 'What the viewer likes best' },
  ...videoCodecs.map((codec) => ({ value: codec, label: `${codecFacts[codec].title} first` })),
] as const
const presets = [
  { value: 'latency', label: 'Soon and cheap' },
  { value: 'quality', label: 'Good looks' },
] as const
const windows = [
  { value: '', label: 'As usual' },
  { value: 'maximized', label: 'Fill it' },
  { value: 'floating', label: 'Float' },
  { value: 'none', label: 'Its own' },
] as const

const exits = [
  { value: 'end', label: 'End its lobby' },
  { value: 'restart', label: 'Start it again' },
] as const

/** Everything that can be said of an app, field by field. */
export function AppForm({ draft, errors, onChange }: AppFormProps) {
  const isProgram = draft.kind === 'display'
  const text = (key: 'title' | 'directory' | 'lines' | 'size' | 'fps' | 'maxMbps', path: string = key) => ({
    value: draft[key],
    error: errors.get(path),
    onInput: (value: string) => onChange({ [key]: value }),
  })
  return (
    <>
      <section class="settings-card" aria-label="What it is">
        <Segments label="What it shows" value={draft.kind} options={kinds} onChange={(kind) => onChange({ kind })} />
        <TextField label="Title" note="1 to 80 characters." {...text('title')} />
        {isProgram ? (
          <>
            <CommandField draft={draft} error={errors.get('command')} onInput={(command) => onChange({ command })} />
            <TextField
              label="Starts in"
              isCode
              placeholder="its home"
              note="A directory of the host, or one below its home, which is made."
              {...text('directory')}
            />
            <EnvironmentField
              variables={draft.environment}
              errorOf={(name) => errors.get(`environment/${name}`)}
              onChange={(environment) => onChange({ environment })}
            />
          </>
        ) : (
          <TextField label="What it says" rows={4} note="Up to 6 lines of up to 46 characters." {...text('lines')} />
        )}
        <IconField value={draft.icon} error={errors.get('icon')} onChange={(icon) => onChange({ icon })} />
      </section>
      <section class="settings-card" aria-label="Picture and sound">
        <div class="field-pair">
          <TextField label="Size" note="320x240 to 7680x4320, upright too." {...text('size')} />
          <TextField label="Pictures a second" note="1 to 240, at most." {...text('fps')} />
        </div>
        <SelectField
          label={isProgram ? 'Sound' : 'Tone'}
          value={draft.sound}
          options={sounds}
          error={errors.get('sound')}
          note="Who listens in stereo, as in a browser, gets surround sound mixed down."
          onChange={(sound) => onChange({ sound })}
        />
        <SelectField
          label="Codec"
          value={draft.codec}
          options={codecs}
          error={errors.get('video/codecs')}
          note="Who cannot decode it gets the other one."
          onChange={(codec) => onChange({ codec })}
        />
        <TextField
          label="At most Mbit/s"
          placeholder="no limit"
          note="0.1 to 100, for each encoding."
          {...text('maxMbps', 'video/maxMbps')}
        />
        <Segments
          label="What counts more"
          value={draft.preset}
          options={presets}
          onChange={(preset) => onChange({ preset })}
        />
        {isProgram && (
          <>
            <Segments
              label="Its windows"
              value={draft.window}
              options={windows}
              onChange={(window) => onChange({ window })}
            />
            <Segments
              label="When it ends by itself"
              value={draft.onExit}
              options={exits}
              onChange={(onExit) => onChange({ onExit })}
            />
            <Switch
              label="Shut in"
              note="It sees its home and the system's programs, and nothing else of the host."
              on={draft.isSandboxed}
              onChange={(isSandboxed) => onChange({ isSandboxed })}
            />
          </>
        )}
        <KeptKeys kept={Object.keys(draft.kept)} />
      </section>
    </>
  )
}

interface CommandFieldProps {
  readonly draft: AppDraft
  readonly error: string | undefined
  readonly onInput: (command: string) => void
}

/** A line as for a shell, and the words that it is taken apart into. */
function CommandField({ draft, error, onInput }: CommandFieldProps) {
  const { words, openQuote } = wordsOf(draft.command)
  return (
    <div class="command-field">
      <TextField
        label="Command"
        isCode
        placeholder="xterm -e top"
        value={draft.command}
        error={openQuote ? 'A quote is open' : error}
        note="Words as for a shell, with quotes where there are spaces. No shell reads it."
        onInput={onInput}
      />
      {words.length > 0 && (
        <ol class="words" aria-label="The words of the command">
          {words.map((word, index) => (
            <li key={index}>
              <code>{word === '' ? '\u00A0' : word}</code>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}

/** What was said in a file or by the API and is kept as it is. */
function KeptKeys({ kept }: { kept: readonly string[] }) {
  const others = kept.filter((key) => key !== 'sandbox')
  return others.length === 0 ? null : <p class="field-note">Kept as they are: {others.join(', ')}.</p>
}
