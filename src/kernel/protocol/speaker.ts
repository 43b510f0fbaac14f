import { type Branch, type Choice, type Forever, choice, forever } from './notation.ts'
import { type Schema, unchecked } from './schema.ts'

/** The payload schema of each label. */
export type Words = Readonly<Record<string, Schema<unknown>>>

/** Some of the words, as the branches of a choice that all go on alike. */
type Saying<W extends Words, L extends keyof W> = { readonly [Label in L]: Branch<W[Label], readonly []> }

/**
 * One role's part in the protocols of a conversation, for those whose labels stand for their payloads: a step names the
 * label, and the schema is looked up.
 */
export interface Speaker<From extends string, To extends string, W extends Words> {
  /** One message with one of these labels; whichever it is, what stands behind it comes next. */
  says<const L extends keyof W & string>(...labels: L[]): Choice<From, To, Saying<W, L>>
  /** Messages with these labels, one after the other, for ever. */
  stream<const L extends keyof W & string>(
    ...labels: L[]
  ): Forever<readonly [Choice<From, To, { readonly [Label in L]: Branch<W[Label], readonly []> }>]>
}

/** What `from` can say to `to`. Throws a RangeError for a label that is none of the words, where the compiler was overruled. */
export function speaker<const From extends string, const To extends string, W extends Words>(
  from: From,
  to: To,
  words: W,
): Speaker<From, To, W> {
  const says = <const L extends keyof W & string>(...labels: L[]): Choice<From, To, Saying<W, L>> => {
    const branches = labels.map((label) => {
      const payload = Object.hasOwn(words, label) ? words[label] : undefined
      if (!payload)
        throw new RangeError(`Cannot declare "${label}" of ${from}: it says ${Object.keys(words).join(', ')}`)
      return [label, { payload, body: [] }] as const
    })
    return choice(from, to, Object.fromEntries(branches) as Saying<W, L>)
  }
  return { says, stream: (...labels) => forever([says(...labels)]) }
}

/** A schema of messages that name their label in a field `type`, as valibot's objects are. */
interface TypedSchema extends Schema<unknown> {
  readonly entries: { readonly type: { readonly literal: string } }
}

type TypeOf<S extends TypedSchema> = S['entries']['type']['literal']

/** The schemas of messages, each under the `type` that its messages have. */
export function wordsOf<S extends TypedSchema>(
  schemas: readonly S[],
): { readonly [Label in TypeOf<S>]: Extract<S, { readonly entries: { readonly type: { readonly literal: Label } } }> } {
  const words = Object.fromEntries(schemas.map((schema) => [schema.entries.type.literal, schema]))
  return words as unknown as ReturnType<typeof wordsOf<S>>
}

/** The message of that type, also where several types share a shape. */
type WordIn<M extends { readonly type: string }, Label extends string> = M extends unknown
  ? Label extends M['type']
    ? M & { readonly type: Label }
    : never
  : never

/**
 * Words whose contents a decoder of bytes has checked, so that there is nothing left for a schema. Each type of the message is
 * named once: one that is left out, or unknown, does not compile.
 */
export function decodedWords<M extends { readonly type: string }>(
  types: Readonly<Record<M['type'], 'decoded'>>,
): { readonly [Label in M['type']]: Schema<WordIn<M, Label>> } {
  const words = Object.fromEntries(Object.keys(types).map((type) => [type, unchecked<unknown>()]))
  return words as ReturnType<typeof decodedWords<M>>
}
