import { useState } from 'react'
import type { Draft, FormData_, FormDefinition } from '@/api'
import { Note } from '@/ui'
import { checkForm, ErrorSummary, FormRenderer, relevant, type FieldErrors } from '@/ui/form'

interface Props {
  def: FormDefinition
  draft: Draft
  form: FormData_
  errors: FieldErrors
  onErrors: (e: FieldErrors) => void
  onChange: (form: FormData_) => void
  onNext: () => void
  onBack: () => void
}

/** The form. A field is checked when one leaves it, the whole when one goes on; a message goes as soon as it is no longer true. */
export function FormStep({ def, draft, form, errors, onErrors, onChange, onNext, onBack }: Props) {
  const [known] = useState(draft.form)
  const sources = draft.prefilled ?? {}
  const knowsSomething = Object.keys(sources).length > 0
  const recheck = (next: FormData_, only: string[]) => {
    const all = checkForm(def, relevant(def, next))
    const out: FieldErrors = {}
    for (const [p, m] of Object.entries(all)) if (only.some((o) => p === o || p.startsWith(`${o}.`))) out[p] = m
    onErrors(out)
  }
  return (
    <form noValidate onSubmit={(e) => { e.preventDefault(); onNext() }}>
      <ErrorSummary errors={errors} />
      {knowsSomething && <Note tone="good"><p>我们已经知道的内容替您填好了，来源标在各项旁边，请核对；有变化可以改。</p></Note>}
      <FormRenderer
        def={def} value={form} errors={errors} sources={sources} known={known}
        onChange={(next) => {
          onChange(next)
          // Only takes messages away: nobody is corrected in the middle of a word.
          const wrong = Object.keys(errors)
          if (wrong.length > 0) recheck(next, wrong)
        }}
        onBlur={(path) => recheck(form, [...Object.keys(errors), path].filter((p) => p !== path || hasValue(form, path)))}
      />
      <div className="step-actions">
        <button type="submit" className="btn main">下一步：上传材料</button>
        <button type="button" className="btn" onClick={onBack}>上一步</button>
      </div>
    </form>
  )
}

/** An empty field that one merely passes is not yet a mistake. */
function hasValue(form: FormData_, path: string): boolean {
  return path.split('.').reduce<unknown>((v, k) => (typeof v === 'object' && v !== null ? (v as Record<string, unknown>)[k] : undefined), form) !== undefined
}
