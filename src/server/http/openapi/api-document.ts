import { STATUS_CODES } from 'node:http'
import { apiPrefix } from '../../../wire/api/resources.ts'
import type { Answer, Endpoint } from '../endpoint.ts'
import { statusOf, type ProblemCode } from '../problem.ts'
import type { ApiResource, Routes } from '../resource.ts'
import { jsonSchemaOf, namedSchemas, refTo, type JsonSchema } from './json-schemas.ts'

/** The part of OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1) that this API needs. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>
    readonly schemas: Readonly<Record<string, JsonSchema>>
  }
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly JsonSchema[]
  readonly requestBody?: { readonly required: true; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

/** Why any request may be refused. */
const everybody: readonly ProblemCode[] = [
  'invalid-request',
  'host-not-allowed',
  'token-in-url',
  'internal-error',
  'disk-full',
  'busy',
]
const members: readonly ProblemCode[] = [
  ...everybody,
  'unauthenticated',
  'not-redeemed',
  'too-many-attempts',
  'too-many-connections',
  'too-many-requests',
  'origin-not-allowed',
]
const senders: readonly ProblemCode[] = [
  'invalid-request',
  'malformed-json',
  'body-too-large',
  'unsupported-media-type',
]

/** Describes all that is served, by the schemas that it is checked by. Throws for one that JSON Schema cannot tell. */
export function apiDocument({ open, doorstep, guarded, api }: Routes): OpenApiDocument {
  const below = ({ path, endpoints }: ApiResource) => ({ path: apiPrefix + path, endpoints })
  const bearers = [
    ...doorstep.map((resource) => [below(resource), 'For who holds the token of a link.'] as const),
    ...[...guarded, ...api.map(below)].map((resource) => [resource, 'For members.'] as const),
  ]
  return {
    openapi: '3.1.1',
    info: {
      title: 'Porchlight',
      version: '1',
      description: 'Apps, lobbies, sessions and invitations of one host. Errors are problems (RFC 9457).',
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries([
      ...open.map((resource) => pathOf(resource, everybody, 'For everybody.')),
      ...bearers.map(([resource, audience]) => pathOf(resource, members, audience)),
    ]),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: namedSchemas(),
    },
  }
}

function pathOf({ path, endpoints }: ApiResource, common: readonly ProblemCode[], audience: string) {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } }
  })
  const operations = Object.entries(endpoints).map(([method, endpoint]) => {
    const inHeader = Object.entries(endpoint.headers ?? {}).map(([name, description]) => {
      return { name, in: 'header', description, schema: { type: 'string' } }
    })
    const parameters = [...inPath, ...queryOf(endpoint), ...inHeader]
    const operation = { ...operationOf(endpoint, common, audience), ...(parameters.length > 0 && { parameters }) }
    return [method.toLowerCase(), operation] as const
  })
  return [path.replaceAll(/:(\w+)/g, '{$1}'), Object.fromEntries(operations)] as const
}

/** A query is an object of texts; each of its properties is a parameter. */
function queryOf({ query }: Endpoint) {
  const properties = query ? (jsonSchemaOf(query)['properties'] as Readonly<Record<string, JsonSchema>>) : {}
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))
}

function operationOf(endpoint: Endpoint, common: readonly ProblemCode[], audience: string): OpenApiOperation {
  const { id, summary, action, body, takes, answers, problems = [] } = endpoint
  const refusals = [...(body || takes ? senders : []), ...problems]
  const codes = new Set([...common, ...(action ? ['forbidden' as const] : []), ...refusals])
  return {
    operationId: id,
    summary,
    description: action ? `Needs the right \`${action}\`.` : audience,
    security: common === everybody ? [] : [{ token: [] }],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(body) } } } }),
    ...(takes && {
      requestBody: { required: true, content: Object.fromEntries(takes.map((type) => [type, anything])) },
    }),
    responses: {
      ...problemResponses(codes),
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(status, answer)])),
    },
  }
}

/** Content that is no JSON. */
const anything = { schema: {} }

function responseOf(status: string, answer: Answer) {
  const description = STATUS_CODES[status] ?? status
  switch (answer.type) {
    case 'json':
      return { description, content: { 'application/json': { schema: jsonSchemaOf(answer.schema) } } }
    case 'text':
      return { description: answer.description, content: { [answer.mediaType]: { schema: { type: 'string' } } } }
    case 'bytes':
      return {
        description: answer.description,
        content: Object.fromEntries(answer.mediaTypes.map((type) => [type, anything])),
      }
    case 'empty':
      return { description }
  }
}

/** One response for each status, which names the codes that it may be told with. */
function problemResponses(codes: ReadonlySet<ProblemCode>) {
  const byStatus = Map.groupBy(codes, statusOf)
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const schema = { allOf: [refTo('Problem'), { properties: { status: { const: status }, code: { enum: same } } }] }
      return [
        status,
        { description: STATUS_CODES[status] ?? 'Error', content: { 'application/problem+json': { schema } } },
      ]
    }),
  )
}
