/**
 * The shapes that cross the wire: the generated ones (schema.d.ts, from api/openapi.json) under the
 * names of the glossary. Hand-made is only what OpenAPI leaves open: the words a state or light can
 * take, and the JSON that is itself data (a form's schema and what was filled in).
 */
import type { components } from './schema'

export type { paths } from './schema'
type S = components['schemas']

export interface Page<T> {
  rows: T[]
  next?: string
}

/** Narrows some properties of a generated shape. */
type With<T, U> = Omit<T, keyof U> & U

export type Me = S['IdentityMe']
export type Post = S['IdentityMePost']

/** What whole values are wanted for; it is kept in the evidence log. */
export interface Purpose { purpose: 'identity' | 'contact' | 'examine' | 'inquiry' | 'supervise'; words: string }
export type UnmaskedForm = S['IntakeUnmasked']
export type UnmaskedLicence = S['LicenceUnmasked']
export type KeysOverview = S['KeysOverview']

export type Limit = S['WorkdayLimit']
export type Item = S['CatalogItem']
export type ItemMaterial = S['CatalogMaterial']
export type Scenario = S['CatalogScenario']
export type ItemRow = S['CatalogRow']
/** A row of an import that fits no rule, with the reason. */
export type QuarantinedRow = S['CatalogQuarantined']
export type ImportRuns = S['CatalogImportsOutBody']

export type FormValue = string | number | boolean | null | FormValue[] | { [key: string]: FormValue | undefined }
export type FormData_ = Record<string, FormValue | undefined>

/** JSON Schema 2020-12 as our forms use it. */
export interface Schema {
  type?: string | string[]
  title?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: FormValue[]
  const?: FormValue
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  if?: Schema
  then?: Schema
  else?: Schema
  dependentRequired?: Record<string, string[]>
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  default?: FormValue
  examples?: FormValue[]
  $defs?: Record<string, Schema>
  $ref?: string
  /** What to do when pattern or format do not fit, in Chinese. */
  'x-message'?: string
  [other: string]: unknown
}

export interface FormSection {
  title: string
  help?: string
  fields: string[]
}

export type FormDefinition = With<S['FormDefinition'], {
  schema: Schema
  ui: {
    sections?: FormSection[] | null
    widgets?: Record<string, string> | null
    prefill?: Record<string, string> | null
    sensitive?: string[] | null
  }
}>

export type DraftFile = S['IntakeFile']
export type Draft = With<S['IntakeDraft'], { form: FormData_ }>

/** paused: the clock stands still (Art 45); '': no clock runs. */
export type LightColour = 'green' | 'yellow' | 'red' | 'paused'
export type Due = With<S['IntakeDeadline'], { light: LightColour | '' }>

export type CaseRow = With<S['IntakeCaseRow'], { light: LightColour | '' }>
export type TimelineEntry = S['IntakeTimelineEntry']
export type CaseMaterial = S['IntakeCaseMaterial']
export type SupplementItem = S['IntakeSupplementItem']
export type Suspension = S['IntakeSuspension']
export type CaseDocument = S['IntakeCaseDocument']
export type Case = With<S['IntakeCase'], {
  form: FormData_
  light: LightColour | ''
  deadlines: { step?: Due; promised?: Due; statutory?: Due }
}>

export type Licence = S['Licence']
export type Notice = S['NotifyNotice']
export type NoticePage = S['NotifyInboxPage']
export type AuditRow = S['AuditRow']
export type AuditState = S['AuditState']
export type Access = S['AuditAccess']
export type Org = S['DirectoryOrg']
export type Region = S['DirectoryRegion']

/** A lost race: what the case is now and who moved it. */
export interface Current {
  state: string
  state_text: string
  by?: string
  at?: string
  version: number
}
