/**
 * The shapes that cross the wire. Hand-made from the API list until api/openapi.json is there;
 * from then on this file re-exports the generated ones (schema.d.ts) and nothing else changes.
 */

/* eslint-disable @typescript-eslint/no-explicit-any */
export type paths = any
/* eslint-enable */

export interface Page<T> {
  rows: T[]
  next?: string
}

export interface Me {
  kind: 'citizen' | 'agent' | 'staff' | (string & {})
  name: string
  applicant?: { kind: 'person' | 'legal'; name: string; id_masked: string }
  post?: string
  org_name?: string
  actions: string[]
}

export interface Limit {
  value: number
  unit: 'working' | 'natural' | ''
}

export interface ItemMaterial {
  code: string
  name: string
  required: boolean
  kind: string
  form: string
  source: string
  copies: number
  waived: boolean
  waived_by: string
  note?: string
}

export interface Scenario {
  question: string
  field: string
  value: string
  adds: string[]
  drops: string[]
  advice: string
}

export interface Item {
  id: string
  name: string
  summary: string
  org_name: string
  org_id: string
  region: string
  region_name: string
  status: 'published' | 'suspended' | 'cancelled'
  status_reason: string
  version: number
  complete: boolean
  project_type: 'instant' | 'promised'
  statutory_limit: Limit
  promised_limit: Limit
  visits: number
  online: boolean
  fee: string
  audience: string[]
  conditions: string[]
  materials: ItemMaterial[]
  steps: { name: string; who: string; limit: string; note: string }[]
  scenarios: Scenario[]
  places: { name: string; address: string; window?: string }[]
  hours: string
  phone: string
  result_name: string
  form_id: string
  form_version: number
}

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

export interface FormDefinition {
  id: string
  version: number
  title: string
  schema: Schema
  ui: {
    sections?: FormSection[] | null
    widgets?: Record<string, string> | null
    prefill?: Record<string, string> | null
    sensitive?: string[] | null
  }
}

export interface DraftFile {
  id: string
  material: string
  name: string
  size: number
  content_type: string
}

export interface Draft {
  id: string
  item_id: string
  item_name: string
  form_id: string
  form_version: number
  form: FormData_
  version: number
  files: DraftFile[]
  updated_at: string
  prefilled?: Record<string, string>
}

export type LightColour = 'green' | 'yellow' | 'red'

export interface Due {
  due?: string
  light?: LightColour | ''
  /** The calendar of that year is not published yet: counted with weekends only. */
  provisional?: boolean
}

export interface CaseRow {
  case_no: string
  item_name: string
  org_name: string
  applicant_name?: string
  state: string
  state_text: string
  light?: LightColour | ''
  promised_due?: string
  step_due?: string
  submitted_at: string
}

export interface TimelineEntry {
  at: string
  text: string
  action?: string
  who?: string
  opinion?: string
  document_id?: string
}

export interface CaseMaterial {
  material: string
  name: string
  required: boolean
  waived?: boolean
  result?: 'ok' | 'wrong' | '' | (string & {})
  note?: string
  /** What a supplement request asks for. */
  asked?: string
  files: DraftFile[]
}

export interface CaseDocument {
  id: string
  kind: string
  title: string
  no?: string
  at: string
}

export interface Case {
  case_no: string
  item_id: string
  item_name: string
  org_name: string
  applicant?: { kind: string; name: string; id_masked?: string; phone_masked?: string }
  applicant_name?: string
  state: string
  state_text: string
  result?: string
  submitted_at: string
  accepted_at?: string
  decided_at?: string
  closed_at?: string
  version: number
  form_id?: string
  form_version?: number
  form?: FormData_
  materials: CaseMaterial[]
  timeline: TimelineEntry[]
  deadlines: { step?: Due; promised?: Due; statutory?: Due }
  documents: CaseDocument[]
  licence?: { id: string; title: string; number?: string }
  can: string[]
}

export interface Licence {
  id: string
  title: string
  type: string
  number: string
  status: 'valid' | 'revoked' | 'expired' | (string & {})
  status_text?: string
  holder_name: string
  holder_code_masked?: string
  org_name: string
  item_name?: string
  case_no?: string
  fields: { title: string; value: string }[]
  issued_at: string
  valid_from?: string
  valid_to?: string
  revoked_at?: string
  revoke_reason?: string
}

export interface Notice {
  id: string
  kind: string
  title: string
  body: string
  link?: string
  at: string
  read: boolean
}

export interface NoticePage extends Page<Notice> {
  unread: number
}

export interface AuditRow {
  id: string
  at: string
  actor: string
  action: string
  object_kind: string
  object_id: string
  ground?: string
}

export interface Org {
  id: string
  code: string
  name: string
  short_name: string
  level: number
}

/** A lost race: what the case is now and who moved it. */
export interface Current {
  state: string
  state_text: string
  by?: string
  at?: string
  version: number
}
