import { useMemo } from 'react'
import type { FormData_, FormDefinition } from '@/api'
import type { FieldErrors } from './check'
import { getAt, sectionsOf, setAt, wordsOf } from './model'
import { Widget } from './Widget'

interface Props {
  def: FormDefinition
  value: FormData_
  errors: FieldErrors
  /** What we filled in: dotted path → where it comes from. */
  sources?: Record<string, string>
  /** Values as they were filled in: a changed value is the applicant's own and loses its source. */
  known?: FormData_
  onChange: (value: FormData_, path: string) => void
  onBlur?: (path: string) => void
}

export const fieldId = (path: string) => `f-${path}`

/** A form from its JSON Schema and layout: sections, questions in order, each with its own message. */
export function FormRenderer({ def, value, errors, sources, known, onChange, onBlur }: Props) {
  const sections = useMemo(() => sectionsOf(def, value), [def, value])
  return (
    <div className="form">
      {sections.map((s) => (
        <section key={s.title} className="card form-section" aria-label={s.title}>
          <h2>{s.title}</h2>
          {s.help && <p className="hint">{s.help}</p>}
          {s.fields.map((f) => {
            const v = getAt(value, f.path)
            const source = sources?.[f.path]
            const untouched = source && known && JSON.stringify(getAt(known, f.path)) === JSON.stringify(v)
            const inner = innerErrors(errors, f.path)
            return (
              <Widget
                key={f.path} id={fieldId(f.path)} schema={f.schema} label={f.label} required={f.required} value={v} inner={inner}
                {...(f.widget ? { widget: f.widget } : {})}
                {...(errors[f.path] ? { error: errors[f.path]! } : {})}
                {...(untouched ? { source } : {})}
                onChange={(next) => onChange(setAt(value, f.path, next), f.path)}
                onBlur={() => onBlur?.(f.path)}
              />
            )
          })}
        </section>
      ))}
    </div>
  )
}

function innerErrors(errors: FieldErrors, path: string): FieldErrors {
  const out: FieldErrors = {}
  for (const [p, m] of Object.entries(errors)) if (p.startsWith(`${path}.`)) out[p.slice(path.length + 1)] = m
  return out
}

/** What is wrong, at the top, each a way to its field. */
export function ErrorSummary({ errors, heading }: { errors: FieldErrors; heading?: string }) {
  const list = Object.entries(errors)
  if (list.length === 0) return null
  return (
    <div className="notice bad" role="alert" tabIndex={-1} id="errors">
      <p><strong>{heading ?? `还有 ${list.length} 处需要修改`}</strong></p>
      <ul>
        {list.map(([path, message]) => (
          <li key={path}>
            <a href={`#${fieldId(path)}`} onClick={(e) => { e.preventDefault(); focusField(path) }}>{message}</a>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Brings a field to the eye and the keyboard; of a group, its first input. */
export function focusField(path: string): void {
  const el = document.getElementById(fieldId(path))
  const target = el?.matches('fieldset') ? (el.querySelector<HTMLElement>('input, select, button') ?? el) : el
  target?.focus()
  target?.scrollIntoView({ block: 'center' })
}

/** Filled-in data for reading, by the form's own sections and words. */
export function FormView({ def, value }: { def: FormDefinition; value: FormData_ }) {
  const sections = useMemo(() => sectionsOf(def, value), [def, value])
  return (
    <>
      {sections.map((s) => (
        <section key={s.title} className="form-view">
          <h3>{s.title}</h3>
          <dl className="kv">
            {s.fields.map((f) => (
              <div key={f.path}>
                <dt>{f.label}</dt>
                <dd>{wordsOf(f.schema, getAt(value, f.path)) || <span className="soft">未填写</span>}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  )
}
