import { useId, type ReactNode } from 'react'

interface Props {
  label: string
  required?: boolean
  hint?: ReactNode
  /** Where a value that we filled in comes from. */
  source?: string
  error?: string
  /** A group of inputs (radio buttons, check boxes) has a legend, one input has a label. */
  group?: boolean
  id?: string
  children: (p: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true; 'aria-required'?: true }) => ReactNode
}

/** Label, hint, input, error: in that order for the eye and for the ear. */
export function Field({ label, required, hint, source, error, group, id: given, children }: Props) {
  const made = useId()
  const id = given ?? made
  const described = [hint && `${id}-hint`, source && `${id}-source`, error && `${id}-error`].filter(Boolean).join(' ')
  const name = (
    <>
      {label}
      {!required && <span className="optional">（选填）</span>}
    </>
  )
  const body = (
    <>
      {hint && <p className="hint" id={`${id}-hint`}>{hint}</p>}
      {source && <p className="source" id={`${id}-source`}>已为您填入：{source}</p>}
      {children({
        id,
        ...(described ? { 'aria-describedby': described } : {}),
        ...(error ? { 'aria-invalid': true as const } : {}),
        ...(required ? { 'aria-required': true as const } : {}),
      })}
      {error && <p className="field-error" id={`${id}-error`}>{error}</p>}
    </>
  )
  if (group) {
    return (
      <fieldset className={error ? 'field wrong' : 'field'} id={id} tabIndex={-1} aria-describedby={described || undefined}>
        <legend className="label">{name}</legend>
        {body}
      </fieldset>
    )
  }
  return (
    <div className={error ? 'field wrong' : 'field'}>
      <label className="label" htmlFor={id}>{name}</label>
      {body}
    </div>
  )
}
