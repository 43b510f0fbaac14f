import assert from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { OpenApiDocument } from '../../src/server/http/openapi/api-document.ts'
import type { Answered } from './ask.ts'

/** Holds answers to what the API's document says, and remembers which of it has been seen. */
export class DocumentedAnswers {
  readonly document: OpenApiDocument
  readonly #seen = new Set<string>()
  readonly #ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false })
  readonly #checks = new Map<string, ValidateFunction>()

  constructor(document: OpenApiDocument) {
    this.document = document
    this.#ajv.addSchema(closed({ $id: 'document', $defs: document.components.schemas }))
  }

  /** Answers of the document that were not seen yet, as `GET /path 200`; those to what went wrong are not among them. */
  get unseen(): string[] {
    return this.operations
      .flatMap(({ name, operation }) =>
        Object.entries(operation.responses).flatMap(([status, { content }]) =>
          content?.['application/problem+json'] ? [] : [`${name} ${status}`],
        ),
      )
      .filter((answer) => !this.#seen.has(answer))
  }

  get operations() {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        operation,
      })),
    )
  }

  /** Marks an answer that is not checked here as seen. */
  saw(name: string, status: number): void {
    this.#seen.add(`${name} ${status}`)
  }

  /** Fails when the answer to an operation (`GET /api/v1/me`) is not documented, or not as documented. */
  check(name: string, answer: Answered): void {
    const operation = this.operations.find((known) => known.name === name)?.operation
    assert.ok(operation, `${name} is not in the document`)
    const response = operation.responses[answer.status]
    assert.ok(response, `${name} does not document ${answer.status}: ${answer.text}`)
    this.saw(name, answer.status)
    const { content = {} } = response
    if (Object.keys(content).length === 0) return assert.equal(answer.text, '', name)
    const mediaType = String(answer.headers['content-type']).split(';')[0] ?? ''
    const media = content[mediaType]
    assert.ok(media, `${name} answers with ${mediaType}, and documents ${Object.keys(content).join(', ')}`)
    if (mediaType.endsWith('json')) this.validate(media.schema, answer.json(), `${name} ${answer.status}`)
  }

  /** Fails when a value does not fit one of the document's schemas, or has a field that it does not tell of. */
  validate(schema: object, value: unknown, what: string): void {
    const key = JSON.stringify(schema)
    const check = this.#checks.get(key) ?? this.#ajv.compile(closed(schema))
    this.#checks.set(key, check)
    assert.ok(check(value), `${what}: ${this.#ajv.errorsText(check.errors)} in ${JSON.stringify(value)}`)
  }
}

/** The same schemas, without room for fields that they do not name. */
function closed(schemas: object): object {
  const text = JSON.stringify(schemas).replaceAll('"#/components/schemas/', '"document#/$defs/')
  return JSON.parse(text, (_key, value: unknown) => {
    const isOpen = typeof value === 'object' && value !== null && 'properties' in value && 'type' in value
    return isOpen && !('additionalProperties' in value) ? { ...value, additionalProperties: false } : value
  }) as object
}
