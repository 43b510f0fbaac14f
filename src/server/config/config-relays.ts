import * as v from 'valibot'

/** A relay that a host may use: where it is, which is what its leases call it. */
export interface RelayPlace {
  /** As it was given: `relay.example.org:3478`. */
  readonly name: string
  readonly host: string
  readonly port: number
}

const place = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(255),
  v.regex(/^(\[[\da-f:.]+\]|[a-z\d](?:[\w.-]*[\w])?):\d{1,5}$/i),
  v.transform((name): RelayPlace => {
    const at = name.lastIndexOf(':')
    return { name, host: name.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(name.slice(at + 1)) }
  }),
  v.check(({ port }) => port >= 1 && port <= 65_535),
)

/** The best first; a variable separates them by commas, a flag comes once for each. */
export const relayPlaces: v.GenericSchema<unknown, RelayPlace[]> = v.pipe(
  v.union([
    v.array(v.string()),
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
    ),
  ]),
  v.array(place),
  v.maxLength(8),
)
