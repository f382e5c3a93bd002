import { format as knownFormats, Validator, type OutputUnit } from '@cfworker/json-schema'
import type { FormData_, FormDefinition, Schema } from '@/api'
import { formats } from './formats'
import { deref, kindOf, optionsOf, sectionsOf } from './model'

// @cfworker/json-schema interprets the schema. Ajv would write code and run it, which the content
// security policy forbids (no unsafe-eval).
Object.assign(knownFormats, formats)

/** Messages by dotted path; “people.0.name” within lists. */
export type FieldErrors = Record<string, string>

const validators = new WeakMap<Schema, Validator>()

/** Checks the data as the server will, and says it in the same words. */
export function checkForm(def: FormDefinition, data: FormData_): FieldErrors {
  let v = validators.get(def.schema)
  if (!v) {
    v = new Validator(def.schema as never, '2020-12', false)
    validators.set(def.schema, v)
  }
  const found: FieldErrors = {}
  const rank: Record<string, number> = {}
  for (const e of v.validate(data).errors) {
    const hit = read(e, def.schema)
    if (!hit) continue
    if (rank[hit.path] === undefined || hit.rank < rank[hit.path]!) {
      found[hit.path] = hit.message
      rank[hit.path] = hit.rank
    }
  }
  // In the order of the page, so that the summary reads as the form does.
  const order = sectionsOf(def, data).flatMap((s) => s.fields.map((f) => f.path))
  const place = (p: string) => {
    const i = order.findIndex((o) => p === o || p.startsWith(`${o}.`))
    return i < 0 ? order.length : i
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => place(a) - place(b)))
}

/** The server's field errors (“/form/business/address”) by dotted path. */
export function fromServer(fields: { path: string; message: string }[] | undefined): FieldErrors {
  const out: FieldErrors = {}
  for (const f of fields ?? []) out[pointerToPath(f.path.replace(/^(\/body)?\/form/, ''))] ??= f.message
  return out
}

const pointerToPath = (pointer: string) =>
  pointer.split('/').filter((t) => t !== '' && t !== '#').map((t) => t.replace(/~1/g, '/').replace(/~0/g, '~')).join('.')

interface Hit {
  path: string
  message: string
  /** The lower, the more to the point. */
  rank: number
}

function read(e: OutputUnit, root: Schema): Hit | null {
  const path = pointerToPath(decodeURIComponent(e.instanceLocation))
  const schema = describe(root, path)
  const title = schema.title ? `“${schema.title}”` : '此项'
  const limit = valueAt(root, e.keywordLocation)
  const at = (rank: number, message: string): Hit => ({ path, message: `${message}。`, rank })
  switch (e.keyword) {
    case 'required':
    case 'dependentRequired': {
      const names = [...e.error.matchAll(/"([^"]+)"/g)].map((m) => m[1]!)
      const name = e.keyword === 'required' ? names[0] : names.at(-1)
      if (!name) return null
      const child = path ? `${path}.${name}` : name
      const s = describe(root, child)
      const chosen = optionsOf(s) !== null || kindOf(s) === 'array' || kindOf(s) === 'boolean'
      return { path: child, message: `${chosen ? '请选择' : '请填写'}${s.title ? `“${s.title}”` : '此项'}。`, rank: 0 }
    }
    case 'const':
      return at(2, schema.const === true ? `请勾选${title}` : `请从给出的选项中选择${title}`)
    case 'enum':
    case 'oneOf':
    case 'anyOf':
      return at(1, `请从给出的选项中选择${title}`)
    case 'type':
      return at(1, `${title}的类型不对，${typeAdvice(kindOf(schema))}`)
    case 'minLength':
      return at(3, Number(limit) <= 1 ? `请填写${title}` : `${title}至少 ${String(limit)} 个字`)
    case 'maxLength':
      return at(3, `${title}最多 ${String(limit)} 个字，请精简`)
    case 'format':
      return at(4, bare(schema['x-message']) ?? formatAdvice(title, String(limit)))
    case 'pattern':
      return at(5, bare(schema['x-message']) ?? `${title}的写法不对，请按说明填写`)
    case 'minimum':
      return at(4, `${title}不能小于 ${String(limit)}`)
    case 'maximum':
      return at(4, `${title}不能大于 ${String(limit)}`)
    case 'exclusiveMinimum':
      return at(4, `${title}应当大于 ${String(limit)}`)
    case 'exclusiveMaximum':
      return at(4, `${title}应当小于 ${String(limit)}`)
    case 'multipleOf':
      return at(4, `${title}应当是 ${String(limit)} 的整数倍`)
    case 'minItems':
      return at(3, optionsOf(schema.items ?? {}) ? `${title}至少选 ${String(limit)} 项` : `${title}至少填 ${String(limit)} 项`)
    case 'maxItems':
      return at(3, `${title}最多填 ${String(limit)} 项`)
    case 'uniqueItems':
      return at(3, `${title}有重复的内容，请删去重复的`)
    case 'contains':
      return at(3, `请至少选择一项${title}`)
    default:
      return null // wrappers (properties, items, if, allOf …): the cause has its own entry
  }
}

const bare = (v: unknown) => (typeof v === 'string' && v ? v.replace(/。$/, '') : null)

/** The field's own schema, wherever a condition puts it. */
function describe(root: Schema, path: string): Schema {
  let at: Schema = root
  if (path === '') return at
  for (const key of path.split('.')) {
    at = child(at, key, root) ?? (/^\d+$/.test(key) && at.items ? { title: at.title, ...deref(at.items, root) } : {})
  }
  return at
}

function child(schema: Schema, key: string, root: Schema): Schema | null {
  const own = schema.properties?.[key]
  if (own) return deref(own, root)
  for (const part of [...(schema.allOf ?? []), schema.then, schema.else]) {
    const found = part && child(part, key, root)
    if (found) return found
  }
  return null
}

function valueAt(root: Schema, location: string): unknown {
  let at: unknown = root
  for (const token of location.replace(/^#?\//, '').split('/')) {
    if (typeof at !== 'object' || at === null) return undefined
    const key = decodeURIComponent(token).replace(/~1/g, '/').replace(/~0/g, '~')
    if (key === '$ref') at = deref(at as Schema, root)
    else at = (at as Record<string, unknown>)[key]
  }
  return at
}

function typeAdvice(kind: string | undefined): string {
  if (kind === 'integer') return '请填写整数'
  if (kind === 'number') return '请填写数字'
  if (kind === 'boolean') return '请选择是或否'
  return '请按说明填写'
}

function formatAdvice(title: string, format: string): string {
  switch (format) {
    case 'citizen-id':
      return `${title}不正确，请核对 18 位公民身份号码（末位可为 X）`
    case 'uscc':
      return `${title}不正确，请核对营业执照上的 18 位统一社会信用代码`
    case 'phone':
      return `${title}不正确，请填 11 位手机号码，或带区号的固定电话（如 0722-3590000）`
    case 'mobile':
      return `${title}不正确，请填 11 位手机号码`
    case 'date':
      return `${title}应为日期，如 2026-11-22`
    case 'email':
      return `${title}应为电子邮箱地址`
  }
  return `${title}的格式不对，请按说明填写`
}
