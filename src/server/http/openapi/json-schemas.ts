import { toJsonSchema, toJsonSchemaDefs, type ConversionConfig } from '@valibot/to-json-schema'
import { appDefinition } from '../../../wire/api/app-definition.ts'
import { layout, size } from '../../../wire/api/lobby-settings.ts'
import { role } from '../../../wire/signal/role.ts'
import * as resources from '../../../wire/api/resources.ts'
import type { Schema } from '../endpoint.ts'

/** What the document names instead of repeating it. */
const named = {
  ApiEvent: resources.apiEvent,
  App: resources.app,
  AppDefinition: appDefinition,
  AppDetails: resources.appDetails,
  ChangeApp: resources.changeApp,
  ChangeLobby: resources.changeLobby,
  ChangeMember: resources.changeMember,
  ChangeNetwork: resources.changeNetwork,
  ChangeSettings: resources.changeSettings,
  CreateApp: resources.createApp,
  CreateInvitation: resources.createInvitation,
  CreateLobby: resources.createLobby,
  CreatedInvitation: resources.createdInvitation,
  EndedLobby: resources.endedLobby,
  Health: resources.health,
  HostInfo: resources.hostInfo,
  ImportedApps: resources.importedApps,
  Invitation: resources.invitation,
  KeyboardLayout: layout,
  OfferedLayout: resources.keyboardLayout,
  Lobby: resources.lobby,
  LobbyOutput: resources.lobbyOutput,
  Me: resources.me,
  Member: resources.member,
  Moonlight: resources.moonlight,
  Network: resources.network,
  OfferedInvitation: resources.offeredInvitation,
  Problem: resources.problem,
  RedeemInvitation: resources.redeemInvitation,
  RedeemedInvitation: resources.redeemedInvitation,
  Role: role,
  Session: resources.session,
  RecordPage: resources.recordPage,
  SessionRecord: resources.sessionRecord,
  SessionStay: resources.sessionStay,
  SessionTimeline: resources.sessionTimeline,
  Setting: resources.setting,
  Size: size,
} satisfies Readonly<Record<string, Schema>>

export type SchemaName = keyof typeof named

/** JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export type JsonSchema = Readonly<Record<string, unknown>>

const conversion: ConversionConfig = {
  target: 'draft-2020-12',
  // Spaces around a text are taken off before its length counts, sizes are texts, and some keys do not go together:
  // JSON Schema has no word for that.
  ignoreActions: ['trim', 'check', 'partial_check'],
  overrideRef: ({ referenceId }) => refTo(referenceId as SchemaName).$ref,
}

/** The document's `components.schemas`. Throws for a schema that JSON Schema cannot tell. */
export function namedSchemas(): Readonly<Record<SchemaName, JsonSchema>> {
  return toJsonSchemaDefs(named, conversion) as Readonly<Record<SchemaName, JsonSchema>>
}

/** A schema in terms of the named ones. Throws for one that JSON Schema cannot tell. */
export function jsonSchemaOf(schema: Schema): JsonSchema {
  const { $schema: _dialect, $defs: _named, ...rest } = toJsonSchema(schema, { ...conversion, definitions: named })
  return rest
}

/** A reference to a named schema. */
export function refTo(name: SchemaName): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` }
}
