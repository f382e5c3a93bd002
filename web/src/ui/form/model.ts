import { Validator } from '@cfworker/json-schema'
import type { FormData_, FormDefinition, FormValue, Schema } from '@/api'

/** Reads a dotted path (“business.address”) from a form's data. */
export function getAt(data: FormValue | undefined, path: string): FormValue | undefined {
  let at: FormValue | undefined = data
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined
    at = at[key]
  }
  return at
}

/** A copy with the value at the path set; undefined, '' and what becomes empty by it are dropped. */
export function setAt(data: FormData_, path: string, value: FormValue | undefined): FormData_ {
  const [key, ...rest] = path.split('.') as [string, ...string[]]
  const next = { ...data }
  let child: FormValue | undefined = value
  if (rest.length > 0) {
    const inner = data[key]
    const base = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {}
    child = setAt(base, rest.join('.'), value)
    if (Object.keys(child).length === 0) child = undefined
  }
  if (child === undefined || child === '') delete next[key]
  else next[key] = child
  return next
}

export function deref(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.startsWith('#/$defs/') ? schema.$ref.slice('#/$defs/'.length) : null
  const target = name === null ? undefined : root.$defs?.[name]
  return target ? { ...target, ...schema, $ref: undefined } : schema
}

export const kindOf = (s: Schema): string | undefined => (Array.isArray(s.type) ? s.type.find((t) => t !== 'null') : s.type)

const conditions = new WeakMap<Schema, Validator>()

function holds(condition: Schema, data: FormValue): boolean {
  let v = conditions.get(condition)
  if (!v) {
    v = new Validator(condition as never, '2020-12')
    conditions.set(condition, v)
  }
  return v.validate(data).valid
}

/** The parts of an object schema that apply to this data: itself, allOf, and the branch of each if. */
export function* applicable(schema: Schema, data: FormValue): Generator<Schema> {
  yield schema
  for (const part of schema.allOf ?? []) yield* applicable(part, data)
  if (schema.if) {
    const branch = holds(schema.if, data) ? schema.then : schema.else
    if (branch) yield* applicable(branch, data)
  }
}

/** All branches, whether they apply or not. */
function* everyPart(schema: Schema): Generator<Schema> {
  yield schema
  for (const part of schema.allOf ?? []) yield* everyPart(part)
  if (schema.then) yield* everyPart(schema.then)
  if (schema.else) yield* everyPart(schema.else)
}

export interface FieldModel {
  path: string
  schema: Schema
  label: string
  required: boolean
  widget?: string
}

export interface SectionModel {
  title: string
  help?: string
  fields: FieldModel[]
}

interface Found {
  schema: Schema
  required: boolean
}

/** Finds a property; null when it belongs to a branch that does not apply to this data. */
function find(root: Schema, data: FormData_, path: string): Found | null {
  let schema = root
  let required = true
  let at: FormValue = data
  for (const key of path.split('.')) {
    let next: Schema | undefined
    let needed = false
    const parts = [...applicable(schema, at)]
    for (const part of parts) {
      const p = part.properties?.[key]
      if (p) next = { ...deref(p, root), ...(next ?? {}) }
      if (part.required?.includes(key)) needed = true
      for (const [has, then] of Object.entries(part.dependentRequired ?? {}))
        if (getAt(at, has) !== undefined && then.includes(key)) needed = true
    }
    if (!next || next['x-hidden'] === true) return null
    // “是否网上经营：否” makes the website a question about nothing.
    if (!needed && onlyAfterYes(schema, key, at)) return null
    schema = next
    required &&= needed
    at = getAt(at, key) ?? {}
  }
  return { schema, required }
}

/**
 * Whether a property only concerns those who answered yes to something: demanded by conditions on
 * yes/no questions, and by nothing else. What hangs on other conditions stays, as an optional
 * question: a father's name is welcome even when the mother applies.
 */
function onlyAfterYes(schema: Schema, key: string, data: FormValue): boolean {
  if (schema.required?.includes(key)) return false
  let found = false
  for (const part of everyPart(schema)) {
    if (!part.if || !part.then?.required?.includes(key)) continue
    const questions = Object.entries(part.if.properties ?? {})
    if (questions.length === 0 || !questions.every(([, q]) => q.const === true)) return false
    if (holds(part.if, data)) return false
    found = true
  }
  return found
}

/** The sections to show for this data, in the layout's order; fields the layout forgets come last. */
export function sectionsOf(def: FormDefinition, data: FormData_): SectionModel[] {
  const widgets = def.ui.widgets ?? {}
  const field = (path: string): FieldModel | null => {
    const found = find(def.schema, data, path)
    if (!found) return null
    const widget = widgets[path] ?? (found.schema['x-widget'] as string | undefined)
    if (widget === 'hidden') return null
    return { path, schema: found.schema, label: found.schema.title ?? path, required: found.required, ...(widget ? { widget } : {}) }
  }
  const listed = new Set((def.ui.sections ?? []).flatMap((s) => s.fields))
  const rest = [...leaves(def.schema, def.schema)].filter(
    (p) => ![...listed].some((l) => p === l || p.startsWith(`${l}.`)),
  )
  const sections = [...(def.ui.sections ?? [])]
  if (rest.length > 0) sections.push({ title: sections.length > 0 ? '其他信息' : def.title, fields: rest })
  return sections
    .map((s) => ({
      title: s.title,
      ...(s.help ? { help: s.help } : {}),
      fields: s.fields.flatMap((p) => expand(p)).map(field).filter((f) => f !== null),
    }))
    .filter((s) => s.fields.length > 0)

  // A section may name an object: its properties are asked one by one.
  function expand(path: string): string[] {
    const found = find(def.schema, data, path)
    if (!found || kindOf(found.schema) !== 'object') return [path]
    return Object.keys(found.schema.properties ?? {}).flatMap((k) => expand(`${path}.${k}`))
  }
}

function* leaves(schema: Schema, root: Schema, prefix = ''): Generator<string> {
  for (const part of everyPart(schema)) {
    for (const [key, p] of Object.entries(part.properties ?? {})) {
      const s = deref(p, root)
      const path = prefix + key
      if (kindOf(s) === 'object' && s.properties) yield* leaves(s, root, `${path}.`)
      else if (part === schema || s.title) yield path
    }
  }
}

/** The data without what the form does not ask of this person any more (an answer hidden by another). */
export function relevant(def: FormDefinition, data: FormData_): FormData_ {
  let out: FormData_ = {}
  for (const s of sectionsOf(def, data))
    for (const f of s.fields) {
      const v = getAt(data, f.path)
      if (v !== undefined) out = setAt(out, f.path, v)
    }
  return out
}

export interface Option {
  value: FormValue
  label: string
}

/** The choices of a field, from oneOf/const/title or enum. */
export function optionsOf(schema: Schema): Option[] | null {
  const oneOf = schema.oneOf ?? schema.anyOf
  if (oneOf?.every((o) => o.const !== undefined)) return oneOf.map((o) => ({ value: o.const!, label: o.title ?? text(o.const) }))
  if (schema.enum) {
    const names = schema['x-enum-names'] as string[] | undefined
    return schema.enum.map((v, i) => ({ value: v, label: names?.[i] ?? text(v) }))
  }
  return null
}

const text = (v: FormValue | undefined): string => (typeof v === 'string' || typeof v === 'number' ? String(v) : v === true ? '是' : v === false ? '否' : '')

/** A value in words, for reading. */
export function wordsOf(schema: Schema, value: FormValue | undefined): string {
  if (value === undefined || value === null || value === '') return ''
  if (Array.isArray(value)) return value.map((v) => wordsOf(schema.items ?? {}, v)).join('、')
  const option = optionsOf(schema)?.find((o) => o.value === value)
  if (option) return option.label
  if (typeof value === 'object')
    return Object.entries(value).map(([k, v]) => `${schema.properties?.[k]?.title ?? k}：${wordsOf(schema.properties?.[k] ?? {}, v)}`).join('，')
  const unit = schema['x-unit']
  return typeof value === 'number' && typeof unit === 'string' ? `${value} ${unit}` : text(value)
}
