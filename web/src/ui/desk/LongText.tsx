import { useId } from 'react'
import { Input } from 'antd'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string
  placeholder?: string
  rows?: number
  max?: number
  /** Where the text appears in the page because it was asked for; dialogs look after their first field themselves. */
  autoFocus?: boolean
}

/** A labelled text of some lines. */
export function LongText({ label, value, onChange, hint, placeholder, rows = 3, max = 1000, autoFocus }: Props) {
  const id = useId()
  return (
    <div className="desk-field">
      <label htmlFor={id}>{label}</label>
      <Input.TextArea
        id={id} value={value} onChange={(e) => onChange(e.target.value)} maxLength={max} autoSize={{ minRows: rows, maxRows: 12 }}
        placeholder={placeholder} autoFocus={autoFocus} aria-describedby={hint ? `${id}-hint` : undefined}
      />
      {hint && <p className="desk-quiet" id={`${id}-hint`}>{hint}</p>}
    </div>
  )
}
