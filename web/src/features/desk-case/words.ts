import type { FormValue, Schema } from '@/api'
import { deref, optionsOf } from '@/ui/form/model'

/** A value as a person would write it: the label of a choice, 是 or 否, a list with separators, the unit behind a number. */
export function words(field: Schema, root: Schema, v: FormValue | undefined): string {
  if (v === undefined || v === null || v === '') return ''
  const schema = deref(field, root)
  if (Array.isArray(v)) {
    const parts = v.map((x) => words(schema.items ?? {}, root, x)).filter(Boolean)
    return parts.join(v.some((x) => typeof x === 'object') ? '；' : '、')
  }
  const option = optionsOf(schema)?.find((o) => o.value === v)
  if (option) return option.label
  if (typeof v === 'object') {
    return Object.entries(v)
      .map(([name, x]) => {
        const said = words(schema.properties?.[name] ?? {}, root, x)
        return said && `${title(schema.properties?.[name], root) ?? name}：${said}`
      })
      .filter(Boolean)
      .join('，')
  }
  if (typeof v === 'boolean') return v ? '是' : '否'
  const unit = schema['x-unit']
  return typeof unit === 'string' && unit ? `${v} ${unit}` : String(v)
}

const title = (s: Schema | undefined, root: Schema): string | undefined => (s ? deref(s, root).title : undefined)

/** The dotted paths of everything that was handed in and that is not among those shown. */
export function leftOver(data: FormValue | undefined, shown: readonly string[], prefix = ''): string[] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return []
  return Object.entries(data).flatMap(([name, v]) => {
    const path = prefix + name
    if (v === undefined || v === null || v === '' || shown.includes(path)) return []
    if (typeof v === 'object' && !Array.isArray(v)) return leftOver(v, shown, `${path}.`)
    return [path]
  })
}

/** The schema at a dotted path, wherever a condition may have put it. */
export function schemaAt(root: Schema, path: string): Schema {
  return path.split('.').reduce<Schema>((s, name) => deref(property(s, name) ?? {}, root), root)
}

function property(s: Schema, name: string): Schema | undefined {
  return s.properties?.[name] ?? [...(s.allOf ?? []), s.then, s.else].flatMap((p) => (p ? [property(p, name)] : [])).find(Boolean)
}
