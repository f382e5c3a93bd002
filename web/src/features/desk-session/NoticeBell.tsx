import { useEffect, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Badge, Button, Drawer } from 'antd'
import { useNavigate } from 'react-router'
import BellOutlined from '@ant-design/icons-svg/es/asn/BellOutlined'
import { notices, type Notice } from '@/api'
import { Icon } from '@/ui'
import { ListState } from '@/ui/desk/ListState'
import { liveWhileSeen } from '@/ui/desk/live'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'
import { short } from '@/ui/desk/when'

/** How many messages wait, kept true by the server; a press shows them. */
export function NoticeBell() {
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const unread = useQuery({ queryKey: ['notices', 'unread'], queryFn: notices.unread })
  useEffect(() => liveWhileSeen(notices.stream, () => void client.invalidateQueries({ queryKey: ['notices'] })), [client])
  const n = unread.data?.unread ?? 0
  return (
    <>
      <Badge count={n} overflowCount={99} size="small" offset={[-4, 4]}>
        <Button className="desk-bell" aria-label={n > 0 ? `消息，${n} 条未读` : '消息，没有未读'} aria-haspopup="dialog" onClick={() => setOpen(true)} icon={<Icon of={BellOutlined} />} />
      </Badge>
      <Drawer open={open} onClose={() => setOpen(false)} title="消息" size={420} destroyOnHidden>
        {open && <Notices close={() => setOpen(false)} />}
      </Drawer>
    </>
  )
}

function Notices({ close }: { close: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const list = useKeyset(['notices', 'list'], (cursor) => notices.list(cursor))
  const read = async (n: Notice) => {
    try {
      if (!n.read_at) await notices.read(n.id)
    } finally {
      void client.invalidateQueries({ queryKey: ['notices'] })
    }
  }
  const follow = (n: Notice) => {
    void read(n)
    close()
    if (n.link.startsWith('/desk')) void navigate(n.link)
    else location.assign(n.link)
  }
  return (
    <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty="没有消息。有新件分到您的岗位、时限临近时会在这里提醒。">
      {list.rows.length > 0 && (
        <>
          <ul className="desk-notices">
            {list.rows.map((n) => (
              <li key={n.id} className={n.read_at ? 'read' : undefined}>
                <p className="desk-notice-head"><b>{n.read_at ? '' : <span className="desk-new">未读</span>}{n.title}</b><time dateTime={n.created_at} className="desk-quiet">{short(n.created_at)}</time></p>
                {n.body && <p>{n.body}</p>}
                <p className="desk-bar">
                  {n.link && <Button size="small" onClick={() => follow(n)}>去看看<span className="off">：{n.title}</span></Button>}
                  {!n.read_at && <Button size="small" type="text" onClick={() => void read(n)}>标为已读<span className="off">：{n.title}</span></Button>}
                </p>
              </li>
            ))}
          </ul>
          <LoadMore shown={list.rows.length} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
        </>
      )}
    </ListState>
  )
}
