import * as v from 'valibot'
import { apiPrefix } from '../../../wire/api/resources.ts'
import { apiDocument } from '../openapi/api-document.ts'
import { resource, type ApiResource, type Routes } from '../resource.ts'

/** `/api/v1/openapi.json` describes what is served, itself included, to everybody: it says nothing of this host. */
export function documentRoute(routes: Routes): ApiResource {
  const own = resource(`${apiPrefix}/openapi.json`, {
    GET: {
      id: 'readDocument',
      summary: 'This document',
      answers: { 200: { type: 'json', schema: v.record(v.string(), v.unknown()) } },
      handle: (context) => {
        text ??= JSON.stringify(apiDocument({ ...routes, open: [...routes.open, own] }))
        return context.body(text, 200, { 'Content-Type': 'application/json' })
      },
    },
  })
  // Made when it is first asked for: a host that nobody asks does not pay for it. And made once: it is long.
  let text: string | undefined
  return own
}
