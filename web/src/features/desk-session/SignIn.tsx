import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { explain, session } from '@/api'
import { useTitle } from '@/ui/desk/useTitle'

/** Staff sign in with the account of their organisation; people sign in at the portal. */
export default function SignIn() {
  useTitle('登录')
  const [params] = useSearchParams()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [wrong, setWrong] = useState('')
  const [busy, setBusy] = useState(false)

  async function submit(v: { login: string; password: string }) {
    setBusy(true)
    setWrong('')
    try {
      await session.signIn(v.login.trim(), v.password)
      client.clear()
      const next = params.get('next')
      await navigate(next?.startsWith('/desk') && !next.startsWith('/desk/sign-in') ? next : '/desk', { replace: true })
    } catch (e) {
      setWrong(explain(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="desk-sign-in">
      <div className="desk-sign-in-box">
        <p className="desk-sign-in-brand">一扇门<small>随州市政务服务</small></p>
        <Form layout="vertical" className="desk-panel" requiredMark={false} onFinish={(v: { login: string; password: string }) => void submit(v)}>
          <h1>工作人员登录</h1>
          {params.get('next') && !wrong && <p className="desk-quiet">登录后回到刚才的页面。</p>}
          {wrong && <Alert className="desk-alert" type="error" showIcon title={wrong} role="alert" />}
          <Form.Item label="账号" name="login" rules={[{ required: true, message: '请输入单位账号。' }]}>
            <Input size="large" autoComplete="username" autoFocus maxLength={64} />
          </Form.Item>
          <Form.Item label="密码" name="password" rules={[{ required: true, message: '请输入密码。' }]}>
            <Input.Password size="large" autoComplete="current-password" maxLength={512} />
          </Form.Item>
          <Button type="primary" size="large" block htmlType="submit" loading={busy}>登录</Button>
        </Form>
        <p className="desk-quiet">忘记密码请联系本单位管理员。群众和企业<a href="/sign-in">到门户登录</a>。</p>
      </div>
    </main>
  )
}
