import { moonlight as moonlightSchema, typePin, type MoonlightView } from '../../../wire/api/resources.ts'
import type { MoonlightDoor } from '../../moonlight/open-moonlight.ts'
import { idOf } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { isoTime } from '../views.ts'

/** Moonlight's clients: who may play lets theirs in, by the PIN that it shows. */
export function moonlightRoutes(options: { readonly moonlight: () => MoonlightDoor | undefined }): ApiResource[] {
  const door = (): MoonlightDoor => {
    const found = options.moonlight()
    if (found) return found
    throw new ApiError('moonlight-off', "Cannot pair: Moonlight's clients are not let in here (--moonlight on)")
  }
  const view = (): MoonlightView => {
    const found = options.moonlight()
    const pairings = found?.gateway.pairings ?? []
    return {
      on: found !== undefined,
      ports: found?.ports ?? null,
      announced: found?.announced ? { ...found.announced, addresses: [...found.announced.addresses] } : null,
      pairings: pairings.map(({ id, address, sinceMs }) => ({ id, address, since: isoTime(sinceMs) })),
    }
  }
  return [
    resource('/moonlight', {
      GET: jsonEndpoint({
        id: 'readMoonlight',
        summary: "Whether Moonlight's clients can come, and which of them show a PIN and wait",
        action: 'play',
        answer: moonlightSchema,
        handle: view,
      }),
    }),
    resource('/moonlight/pairings/:id', {
      POST: jsonEndpoint({
        id: 'typePin',
        summary: 'Types the PIN that a client shows: from then on it is a device of who did',
        action: 'play',
        body: typePin,
        answer: moonlightSchema,
        problems: ['moonlight-off', 'pairing-not-found'],
        handle(context, { pin, name }) {
          door().gateway.typePin(idOf(context), { pin, member: context.get('member'), deviceName: name })
          return view()
        },
      }),
      DELETE: emptyEndpoint({
        id: 'refusePairing',
        summary: 'Sends a client away that waits for its PIN',
        action: 'play',
        problems: ['moonlight-off', 'pairing-not-found'],
        handle: (context) => door().gateway.refusePairing(idOf(context)),
      }),
    }),
  ]
}
