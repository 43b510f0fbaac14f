import * as v from 'valibot'
import { apiPrefix } from '../../../wire/api/resources.ts'
import { jsonEndpoint } from '../endpoint.ts'
import { apiDocument, type OpenApiDocument } from '../openapi/api-document.ts'
import { resource, type ApiResource, type Routes } from '../resource.ts'

/** `/api/v1/openapi.json` describes what is served, itself included, to everybody: it says nothing of this host. */
export function documentRoute(routes: Routes): ApiResource {
  const own = resource(`${apiPrefix}/openapi.json`, {
    GET: jsonEndpoint({
      id: 'readDocument',
      summary: 'This document',
      answer: v.record(v.string(), v.unknown()),
      handle: () => ({ ...(document ??= apiDocument({ ...routes, open: [...routes.open, own] })) }),
    }),
  })
  // Made when it is first asked for: a host that nobody asks does not pay for it.
  let document: OpenApiDocument | undefined
  return own
}
