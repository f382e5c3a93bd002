import type { FormValue, Schema } from '@/api'
import { Field } from '../Field'
import { kindOf, optionsOf, type Option } from './model'
import { RegionSelect } from './RegionSelect'

export interface WidgetProps {
  id: string
  schema: Schema
  label: string
  required: boolean
  widget?: string
  value: FormValue | undefined
  error?: string
  /** Errors within a list, by “0.name”. */
  inner?: Record<string, string>
  source?: string
  disabled?: boolean
  onChange: (value: FormValue | undefined) => void
  onBlur?: () => void
}

/** One question with the input that suits its schema: native inputs, because phones know them best. */
export function Widget(p: WidgetProps) {
  const { schema, widget, value, onChange } = p
  const kind = kindOf(schema)
  const options = optionsOf(schema)
  const frame = {
    id: p.id, label: p.label, required: p.required, hint: schema.description,
    ...(p.source ? { source: p.source } : {}), ...(p.error ? { error: p.error } : {}),
  }
  if (options) {
    const radios = widget === 'radio' || (widget !== 'select' && options.length <= 5)
    if (radios) return <Field {...frame} group>{() => <Radios {...p} options={options} />}</Field>
    return (
      <Field {...frame}>
        {(a) => (
          <select
            {...a} className="input" disabled={p.disabled} onBlur={p.onBlur}
            value={options.findIndex((o) => o.value === value)}
            onChange={(e) => onChange(options[Number(e.target.value)]?.value)}
          >
            <option value={-1}>请选择</option>
            {options.map((o, i) => <option key={i} value={i}>{o.label}</option>)}
          </select>
        )}
      </Field>
    )
  }
  if (kind === 'array') {
    const choices = optionsOf(schema.items ?? {})
    if (choices) return <Field {...frame} group>{() => <Checks {...p} options={choices} />}</Field>
    return <Field {...frame} group>{() => <List {...p} />}</Field>
  }
  if (kind === 'boolean') {
    if (schema.const === true || widget === 'checkbox') {
      return (
        <div className={p.error ? 'field wrong' : 'field'}>
          <label className="choice">
            <input
              id={p.id} type="checkbox" checked={value === true} disabled={p.disabled}
              aria-invalid={p.error ? true : undefined} aria-describedby={p.error ? `${p.id}-error` : undefined}
              onChange={(e) => onChange(e.target.checked ? true : undefined)}
            />
            <span>{p.label}{schema.description && <span className="hint"> {schema.description}</span>}</span>
          </label>
          {p.error && <p className="field-error" id={`${p.id}-error`}>{p.error}</p>}
        </div>
      )
    }
    const yesNo: Option[] = [{ value: true, label: '是' }, { value: false, label: '否' }]
    return <Field {...frame} group>{() => <Radios {...p} options={yesNo} />}</Field>
  }
  if (widget === 'region') {
    return (
      <Field {...frame} group>
        {() => <RegionSelect id={p.id} label={p.label} value={typeof value === 'string' ? value : undefined} onChange={onChange} />}
      </Field>
    )
  }
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  if (widget === 'textarea') {
    return (
      <Field {...frame}>
        {(a) => (
          <>
            <textarea {...a} className="input" rows={4} value={text} disabled={p.disabled} onBlur={p.onBlur} onChange={(e) => onChange(e.target.value)} />
            {schema.maxLength && <p className="count">{[...text].length}/{schema.maxLength} 字</p>}
          </>
        )}
      </Field>
    )
  }
  const number = kind === 'number' || kind === 'integer'
  return (
    <Field {...frame}>
      {(a) => (
        <span className="with-unit">
          <input
            {...a} {...hints(schema, number)} value={text} disabled={p.disabled} onBlur={p.onBlur}
            onChange={(e) => onChange(number ? toNumber(e.target.value) : tidy(schema, e.target.value))}
          />
          {typeof schema['x-unit'] === 'string' && <span className="soft">{schema['x-unit']}</span>}
        </span>
      )}
    </Field>
  )
}

/** What the phone's keyboard and the browser's memory should offer. */
function hints(schema: Schema, number: boolean): React.InputHTMLAttributes<HTMLInputElement> {
  if (number) return { type: 'text', inputMode: 'decimal', className: 'input short' }
  switch (schema.format) {
    case 'date':
      return {
        type: 'date', className: 'input short',
        ...(typeof schema['x-min-date'] === 'string' ? { min: schema['x-min-date'] } : {}),
        max: '9999-12-31',
      }
    case 'phone':
    case 'mobile':
      return { type: 'tel', className: 'input short', autoComplete: 'tel' }
    case 'email':
      return { type: 'email', className: 'input', autoComplete: 'email' }
    case 'citizen-id':
    case 'uscc':
      return { type: 'text', className: 'input', autoCapitalize: 'characters', autoComplete: 'off', spellCheck: false }
  }
  return { type: 'text', className: 'input', autoComplete: 'off' }
}

/** A number when it is one; what was typed otherwise, so that the check can say what is wrong. */
function toNumber(typed: string): FormValue | undefined {
  const s = typed.trim()
  if (s === '') return undefined
  // “12.” and “0.” are on the way to a number and must not lose their point under the cursor.
  return /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/.test(s) ? Number(s) : typed
}

/** Codes are upper case without blanks: pasting “4213 0319…x” is no mistake of the applicant. */
function tidy(schema: Schema, typed: string): string {
  return schema.format === 'citizen-id' || schema.format === 'uscc' ? typed.replace(/\s/g, '').toUpperCase() : typed
}

function Radios({ id, options, value, onChange, disabled }: WidgetProps & { options: Option[] }) {
  return (
    <div className="choices">
      {options.map((o, i) => (
        <label key={i} className="choice">
          <input type="radio" name={id} checked={o.value === value} disabled={disabled} onChange={() => onChange(o.value)} />
          <span>{o.label}</span>
        </label>
      ))}
    </div>
  )
}

function Checks({ options, value, onChange, disabled }: WidgetProps & { options: Option[] }) {
  const chosen = Array.isArray(value) ? value : []
  const toggle = (v: FormValue, on: boolean) => {
    const next = options.map((o) => o.value).filter((x) => (x === v ? on : chosen.includes(x)))
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <div className="choices">
      {options.map((o, i) => (
        <label key={i} className="choice">
          <input type="checkbox" checked={chosen.includes(o.value)} disabled={disabled} onChange={(e) => toggle(o.value, e.target.checked)} />
          <span>{o.label}</span>
        </label>
      ))}
    </div>
  )
}

/** A list of entries (shareholders, vehicles): each a card, added and removed by buttons. */
function List({ id, schema, label, value, onChange, inner, disabled }: WidgetProps) {
  const rows = Array.isArray(value) ? value : []
  const entry = schema.items ?? {}
  const object = kindOf(entry) === 'object'
  const set = (i: number, v: FormValue | undefined) => onChange(rows.map((r, n) => (n === i ? (v ?? (object ? {} : '')) : r)))
  const remove = (i: number) => {
    const next = rows.filter((_, n) => n !== i)
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <div className="list">
      {rows.map((row, i) => (
        <div key={i} className="card list-entry">
          <div className="section-head">
            <h4>{entry.title ?? label} {i + 1}</h4>
            <button type="button" className="btn plain" disabled={disabled} onClick={() => remove(i)} aria-label={`删除第 ${i + 1} 项`}>删除</button>
          </div>
          {object ? (
            Object.entries(entry.properties ?? {}).map(([k, s]) => {
              const r = typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {}
              const error = inner?.[`${i}.${k}`]
              return (
                <Widget
                  key={k} id={`${id}.${i}.${k}`} schema={s} label={s.title ?? k} required={entry.required?.includes(k) ?? false}
                  {...(typeof s['x-widget'] === 'string' ? { widget: s['x-widget'] } : {})}
                  value={r[k]} {...(error ? { error } : {})} {...(disabled ? { disabled } : {})}
                  onChange={(v) => {
                    const next = { ...r }
                    if (v === undefined || v === '') delete next[k]
                    else next[k] = v
                    set(i, next)
                  }}
                />
              )
            })
          ) : (
            <Widget
              id={`${id}.${i}`} schema={entry} label={`${label} ${i + 1}`} required value={row}
              {...(inner?.[`${i}`] ? { error: inner[`${i}`]! } : {})} onChange={(v) => set(i, v)}
            />
          )}
        </div>
      ))}
      {(schema.maxItems === undefined || rows.length < schema.maxItems) && (
        <button type="button" className="btn" disabled={disabled} onClick={() => onChange([...rows, object ? {} : ''])}>
          添加{entry.title ?? label}
        </button>
      )}
    </div>
  )
}
