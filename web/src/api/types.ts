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
  kind: 'citizen' | 'enterprise' | 'staff' | (string & {})
  name: string
  applicant?: { kind: 'person' | 'legal'; name: string; id_masked: string }
  post?: string
  org_name?: string
  /** All posts of an official; only the present one gives rights. */
  posts?: MePost[]
  actions: string[]
}

export interface MePost {
  id: string
  name: string
  org_name: string
  present: boolean
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
  /** 0: with the application; 1 and more: with that reply to a supplement request. */
  round: number
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

/** paused: the clock stands still (Art 45); '': no clock runs. */
export type LightColour = 'green' | 'yellow' | 'red' | 'paused'

export interface Due {
  due: string
  light: LightColour | ''
  /** The calendar of that year is not published yet: counted with weekends only. */
  provisional: boolean
  text?: string
}

export interface CaseRow {
  case_no: string
  item_name: string
  org_name: string
  applicant_name: string
  state: string
  state_text: string
  result: string
  light: LightColour | ''
  light_text: string
  due?: string
  promised_due?: string
  submitted_at: string
  version: number
}

export interface TimelineEntry {
  seq: number
  at: string
  move: string
  state: string
  state_text: string
  /** In plain words for the applicant. */
  told: string
  by: string
  post?: string
  opinion?: string
  article?: string
  document_id?: string
}

export interface CaseMaterial {
  code: string
  name: string
  required: boolean
  status: 'submitted' | 'missing' | 'waived' | (string & {})
  result: 'ok' | 'wrong' | '' | (string & {})
  note?: string
  files: DraftFile[]
}

export interface SupplementItem {
  /** A material's code, or “form”. */
  material: string
  name?: string
  what: string
}

export interface Suspension {
  kind: string
  ground: string
  needed: string
  since: string
}

export interface CaseDocument {
  id: string
  kind: string
  title: string
  number: string
  issued_at: string
  /** The sealed file is made a moment after the decision. */
  ready: boolean
}

export interface Case {
  case_no: string
  item_id: string
  item_name: string
  item_version?: number
  org_id?: string
  org_name: string
  region?: string
  applicant_name: string
  applicant_kind: string
  state: string
  state_text: string
  result: string
  light: LightColour | ''
  version: number
  submitted_at: string
  accepted_at?: string
  decided_at?: string
  ended_at?: string
  form_id: string
  form_version: number
  form: FormData_
  deadlines: { step?: Due; promised?: Due; statutory?: Due }
  limits_text: { promised: string; statutory: string }
  timeline: TimelineEntry[]
  materials: CaseMaterial[]
  supplement?: { items: SupplementItem[]; note?: string; at: string }
  suspension?: Suspension
  documents: CaseDocument[]
  licence?: { id: string; name: string; number: string }
  can: string[]
}

export interface Licence {
  id: string
  /** 电子证照标识, GB/T 36904. */
  identifier: string
  type: string
  title: string
  number: string
  version: number
  case_no: string
  item_id: string
  holder_name: string
  holder_code_masked: string
  holder_code_type: string
  issuer_id: string
  issuer_name: string
  region: string
  fields: { title: string; value: string }[]
  issued_at: string
  valid_from: string
  /** null: without end. */
  valid_to: string | null
  status: string
  status_text: string
  status_at: string
  status_reason: string
}

export interface Notice {
  id: string
  kind: string
  title: string
  body: string
  link: string
  created_at: string
  /** Absent while unread. */
  read_at?: string
}

export interface NoticePage extends Page<Notice> {
  unread: number
}

export interface AuditRow {
  id: string
  at: string
  actor_kind: string
  actor_name: string
  post_name: string
  action: string
  action_name: string
  object_kind: string
  object_id: string
  on_behalf: string
  ground: string
}

export interface ItemRow {
  id: string
  name: string
  org_code: string
  org_name: string
  region: string
  region_name: string
  task_type_text: string
  project_type: 'instant' | 'promised'
  status: 'published' | 'suspended' | 'cancelled'
  summary: string
  complete: boolean
  version: number
}

/** A row of an import that fits no rule, with the reason. */
export interface QuarantinedRow {
  source: string
  source_code: string
  line: number
  name: string
  reason: string
  message: string
  seen_at: string
}

/** The last imports, and the quarantine summed up by reason. */
export interface ImportRuns {
  runs: {
    id: string
    source: string
    read: number
    added: number
    changed: number
    same: number
    quarantined: number
    started_at: string
    finished_at: string
  }[]
  reasons: { source: string; reason: string; message: string; rows: number }[]
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

export interface Region {
  code: string
  name: string
}
