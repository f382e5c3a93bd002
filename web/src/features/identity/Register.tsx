import { useState, type FormEvent } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { ApiError, session } from '@/api'
import { ErrorBox, Field, Page } from '@/ui'
import { isCitizenId, isMobile } from '@/ui/form/formats'
import { isTool, safeBack } from './back'
import { Password } from './Password'
import './identity.css'

type Values = { name: string; id_number: string; phone: string; password: string }
type Errors = Partial<Record<keyof Values, string>>

const order: (keyof Values)[] = ['name', 'id_number', 'phone', 'password']

export function check(v: Values): Errors {
  const e: Errors = {}
  if (v.name.trim().length < 2) e.name = '请填写身份证上的姓名。'
  if (!isCitizenId(v.id_number)) e.id_number = '身份证号不正确，请核对 18 位公民身份号码（末位可为 X）。'
  if (!isMobile(v.phone)) e.phone = '请填 11 位手机号码。'
  if ([...v.password].length < 10) e.password = '密码至少 10 位，包含字母、数字、符号中的两种。'
  return e
}

export default function Register() {
  const [params] = useSearchParams()
  const back = safeBack(params.get('back'))
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [v, setV] = useState<Values>({ name: '', id_number: '', phone: '', password: '' })
  const [errors, setErrors] = useState<Errors>({})
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)

  const set = (k: keyof Values) => (value: string) => {
    setV({ ...v, [k]: value })
    if (errors[k]) setErrors({ ...errors, [k]: undefined })
  }
  const fail = (e: Errors) => {
    setErrors(e)
    const first = order.find((k) => e[k])
    if (first) document.getElementById(first)?.focus()
    return first !== undefined
  }
  const send = async (ev: FormEvent) => {
    ev.preventDefault()
    setError(undefined)
    if (fail(check(v))) return
    setBusy(true)
    try {
      const me = await session.register({ ...v, name: v.name.trim() })
      queries.clear()
      queries.setQueryData(['me'], me)
      const to = back ?? '/my'
      if (isTool(to)) void navigate(to, { replace: true })
      else location.replace(to)
    } catch (e) {
      setBusy(false)
      const fields: Errors = {}
      if (e instanceof ApiError)
        for (const f of e.problem.fields ?? []) {
          const k = order.find((o) => f.path.endsWith(o))
          if (k) fields[k] = f.message
        }
      if (!fail(fields)) setError(e)
    }
  }
  const err = (k: keyof Values) => (errors[k] ? { error: errors[k] } : {})

  return (
    <Page title="注册个人账号" lead="一个账号，全市的事都能办。">
      <form className="card identity" noValidate onSubmit={(e) => void send(e)}>
        {error !== undefined && <ErrorBox error={error} />}
        <Field id="name" label="姓名" required {...err('name')}>
          {(a) => <input {...a} className="input" autoComplete="name" maxLength={50} value={v.name} onChange={(e) => set('name')(e.target.value)} />}
        </Field>
        <Field id="id_number" label="身份证号" required hint="用于实名办事，加密保存，页面上只显示部分数字。" {...err('id_number')}>
          {(a) => <input {...a} className="input" autoComplete="off" autoCapitalize="characters" spellCheck={false} maxLength={24} value={v.id_number} onChange={(e) => set('id_number')(e.target.value.replace(/\s/g, '').toUpperCase())} />}
        </Field>
        <Field id="phone" label="手机号" required hint="办件进展会通知到这里登记的账号。" {...err('phone')}>
          {(a) => <input {...a} className="input" type="tel" autoComplete="tel" maxLength={15} value={v.phone} onChange={(e) => set('phone')(e.target.value.replace(/[\s-]/g, ''))} />}
        </Field>
        <Password id="password" label="密码" value={v.password} onChange={set('password')} autoComplete="new-password" hint="至少 10 位，包含字母、数字、符号中的两种，不含姓名、身份证号或手机号。" {...err('password')} />
        <button type="submit" className="btn main wide" disabled={busy}>{busy ? '正在注册……' : '注册并登录'}</button>
        <p className="identity-foot">已有账号？<Link to={back ? `/sign-in?back=${encodeURIComponent(back)}` : '/sign-in'}>直接登录</Link></p>
      </form>
    </Page>
  )
}
