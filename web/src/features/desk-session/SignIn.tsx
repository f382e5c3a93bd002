import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Form, Input } from 'antd'
import { useNavigate, useSearchParams } from 'react-router'
import { explain, session } from '@/api'

/** Staff sign in with the account of their organisation; people sign in at the portal. */
export default function SignIn() {
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
      <Form layout="vertical" className="desk-panel" requiredMark={false} onFinish={(v: { login: string; password: string }) => void submit(v)}>
        <h1>一扇门 · 工作台</h1>
        <p className="desk-quiet">窗口和部门工作人员登录。群众和企业办事请<a href="/sign-in">去门户登录</a>。</p>
        {wrong && <Alert type="error" showIcon title={wrong} role="alert" style={{ marginBottom: 16 }} />}
        <Form.Item label="账号" name="login" rules={[{ required: true, message: '请输入单位账号。' }]}>
          <Input size="large" autoComplete="username" autoFocus maxLength={64} />
        </Form.Item>
        <Form.Item label="密码" name="password" rules={[{ required: true, message: '请输入密码。' }]}>
          <Input.Password size="large" autoComplete="current-password" maxLength={128} />
        </Form.Item>
        <Button type="primary" size="large" block htmlType="submit" loading={busy}>登录</Button>
      </Form>
    </main>
  )
}
