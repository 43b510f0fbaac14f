import { toJsonSchema, type ConversionConfig } from '@valibot/to-json-schema'
import { problemAnswer } from '../../wire/party/calls.ts'
import type { ControlCall } from './control-calls.ts'

type Json = Readonly<Record<string, unknown>>

const conversion: ConversionConfig = { target: 'draft-2020-12', ignoreActions: ['trim', 'check'] }

/** The OpenAPI 3.1 document of a control plane's calls. */
export function controlDocument(calls: readonly ControlCall[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const call of calls) {
    const path = call.path.replaceAll(/:(\w+)/g, '{$1}')
    ;(paths[path] ??= {})[call.method.toLowerCase()] = operationOf(call, path)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Porchlight control plane',
      version: '1',
      description: 'Which parties there are and who is in them. The same calls, and live updates, by WebSocket at /ws.',
    },
    paths,
    components: { securitySchemes: { peer: { type: 'http', scheme: 'bearer' } } },
  }
}

function operationOf(
  { id, summary, body, answer, query = [], mayQuery = [], isOpen = false }: ControlCall,
  path: string,
): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter(name ?? '', 'path'))
  return {
    operationId: id,
    summary,
    security: isOpen ? [] : [{ peer: [] }],
    parameters: [
      ...inPath,
      ...query.map((name) => parameter(name, 'query')),
      ...mayQuery.map((name) => ({ ...parameter(name, 'query'), required: false })),
    ],
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: {
      200: { description: 'Done', content: json(answer) },
      default: { description: 'Refused', content: json(problemAnswer, 'application/problem+json') },
    },
  }
}

function parameter(name: string, place: 'path' | 'query'): Json {
  return { name, in: place, required: true, schema: { type: 'string' } }
}

function json(schema: ControlCall['answer'], mediaType = 'application/json'): Json {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, conversion)
  return { [mediaType]: { schema: rest } }
}
