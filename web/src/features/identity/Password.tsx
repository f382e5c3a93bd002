import { useState } from 'react'
import { Field } from '@/ui'

interface Props {
  id: string
  label: string
  value: string
  onChange: (v: string) => void
  autoComplete: 'current-password' | 'new-password'
  hint?: string
  error?: string
}

/** A password that can be looked at: on a phone that beats typing it twice. */
export function Password({ id, label, value, onChange, autoComplete, hint, error }: Props) {
  const [shown, setShown] = useState(false)
  return (
    <Field id={id} label={label} required {...(hint ? { hint } : {})} {...(error ? { error } : {})}>
      {(a) => (
        <span className="password">
          <input {...a} className="input" type={shown ? 'text' : 'password'} autoComplete={autoComplete} maxLength={128} value={value} onChange={(e) => onChange(e.target.value)} />
          <button type="button" className="btn plain" aria-pressed={shown} onClick={() => setShown(!shown)}>{shown ? '隐藏' : '显示'}<span className="off">密码</span></button>
        </span>
      )}
    </Field>
  )
}
