import { useState, type FormEvent } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { session } from '@/api'
import { ErrorBox, Field, Note, Page } from '@/ui'
import { isTool, safeBack } from './back'
import { Password } from './Password'
import './identity.css'

export default function SignIn() {
  const [params] = useSearchParams()
  const back = safeBack(params.get('back'))
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState<{ login?: string; password?: string }>({})
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const send = async (e: FormEvent) => {
    e.preventDefault()
    const lack = {
      ...(login.trim() ? {} : { login: '请填写身份证号或手机号。' }),
      ...(password ? {} : { password: '请填写密码。' }),
    }
    setMissing(lack)
    setError(undefined)
    if (lack.login || lack.password) {
      document.getElementById(lack.login ? 'login' : 'password')?.focus()
      return
    }
    setBusy(true)
    try {
      const me = await session.signIn(login.trim(), password)
      queries.clear()
      queries.setQueryData(['me'], me)
      const to = back ?? (me.kind === 'staff' ? '/desk' : '/my')
      if (isTool(to)) void navigate(to, { replace: true })
      else location.replace(to)
    } catch (err) {
      setError(err)
      setBusy(false)
    }
  }

  return (
    <Page title="登录">
      <form className="card identity" noValidate onSubmit={(e) => void send(e)}>
        {params.get('expired') && <Note tone="warn"><p>登录已过期，请重新登录。填写过的内容都已保存。</p></Note>}
        {params.get('registered') && <Note tone="good"><p>注册成功，请登录。</p></Note>}
        {error !== undefined && <ErrorBox error={error} />}
        <Field id="login" label="身份证号或手机号" required {...(missing.login ? { error: missing.login } : {})}>
          {(a) => <input {...a} className="input" autoComplete="username" autoCapitalize="off" spellCheck={false} maxLength={40} value={login} onChange={(e) => setLogin(e.target.value)} />}
        </Field>
        <Password id="password" label="密码" value={password} onChange={setPassword} autoComplete="current-password" {...(missing.password ? { error: missing.password } : {})} />
        <button type="submit" className="btn main wide" disabled={busy}>{busy ? '正在登录……' : '登录'}</button>
        <p className="identity-foot">还没有账号？<Link to={back ? `/register?back=${encodeURIComponent(back)}` : '/register'}>注册个人账号</Link></p>
      </form>
      <p className="identity-note small soft">工作人员请从<a href="/desk/sign-in">工作台</a>登录。忘记密码请带身份证到市民之家一楼综合窗口，或拨打 <a href="tel:12345">12345</a>。</p>
    </Page>
  )
}
