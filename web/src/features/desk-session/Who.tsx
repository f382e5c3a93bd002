import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Dropdown } from 'antd'
import { useNavigate } from 'react-router'
import DownOutlined from '@ant-design/icons-svg/es/asn/DownOutlined'
import { explain, session, type Me } from '@/api'
import { Icon, readDisplay, saveDisplay, type Display } from '@/ui'

/** Who is at the desk and in which post; the way to another post, to larger letters, and out. */
export function Who({ me }: { me: Me }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const [busy, setBusy] = useState(false)
  const posts = me.posts ?? []
  const display = readDisplay()

  const change = async (id: string) => {
    setBusy(true)
    try {
      const now = await session.switchPost(id)
      // Another post sees other cases: nothing that was read before may stay.
      client.removeQueries({ predicate: (q) => q.queryKey[0] !== 'me' })
      client.setQueryData(['me'], now)
      await navigate('/desk')
      void message.success(`现在的岗位：${now.org_name ?? ''}${now.post ? ` ${now.post}` : ''}`)
    } catch (e) {
      void message.error(explain(e))
    } finally {
      setBusy(false)
    }
  }
  const leave = async () => {
    try {
      await session.signOut()
      client.clear()
      await navigate('/desk/sign-in')
    } catch (e) {
      void message.error(explain(e))
    }
  }
  // Ant Design's sizes are made once, at the start.
  const show = (to: Display) => {
    saveDisplay(to)
    location.reload()
  }
  return (
    <Dropdown trigger={['click']} placement="bottomRight" getPopupContainer={(at) => at.parentElement ?? document.body} menu={{
      items: [
        ...(posts.length > 1 ? [{
          key: 'posts', type: 'group' as const, label: '切换岗位',
          children: posts.map((p) => ({ key: p.id, label: `${p.present ? '✓ ' : ''}${p.org_name}　${p.name}`, disabled: p.present })),
        }, { type: 'divider' as const }] : []),
        { key: 'elder', label: display.elder ? '✓ 大字' : '大字' },
        { key: 'contrast', label: display.contrast ? '✓ 高对比' : '高对比' },
        { type: 'divider' },
        { key: 'out', label: '退出登录' },
      ],
      onClick: ({ key }) => {
        if (key === 'elder') show({ ...display, elder: !display.elder })
        else if (key === 'contrast') show({ ...display, contrast: !display.contrast })
        else if (key === 'out') void leave()
        else void change(key)
      },
    }}>
      <Button className="desk-me" loading={busy}>
        <span className="desk-me-name">{me.name}</span>
        {me.post && <span className="desk-me-post">{me.org_name} · {me.post}</span>}
        <Icon of={DownOutlined} />
      </Button>
    </Dropdown>
  )
}
