import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from 'react-router'
import { notices, type Notice, type NoticePage } from '@/api'
import { atMinute, Empty, ErrorBox, Page, Waiting } from '@/ui'
import { More } from '@/ui/More'
import { usePages } from '@/ui/usePages'
import './notices.css'

export default function Notices() {
  const list = usePages<Notice, NoticePage>(['notices'], notices.list)
  return (
    <Page title="消息" lead="办件的每一步进展都会在这里告诉您。">
      {list.isPending && <Waiting lines={5} />}
      {list.isError && list.rows.length === 0 && <ErrorBox error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && list.rows.length === 0 && <Empty title="还没有消息">提交申请之后，受理、补正、决定等进展会在这里告诉您。</Empty>}
      <ul className="notices">{list.rows.map((n) => <Row key={n.id} notice={n} />)}</ul>
      <More more={list.hasNextPage} loading={list.isFetchingNextPage} error={list.isFetchNextPageError} onMore={() => void list.fetchNextPage()} />
    </Page>
  )
}

function Row({ notice }: { notice: Notice }) {
  const queries = useQueryClient()
  const read = useMutation({ mutationFn: () => notices.read(notice.id), onSuccess: () => queries.invalidateQueries({ queryKey: ['notices'] }) })
  const unread = !notice.read_at
  const seen = () => unread && read.mutate()
  return (
    <li className={unread ? 'card unread' : 'card'}>
      <h2>{unread && <span className="dot">未读</span>}{notice.title}</h2>
      <p>{notice.body}</p>
      <p className="row small soft">
        <time dateTime={notice.created_at}>{atMinute(notice.created_at)}</time>
        {notice.link.startsWith('/') && <Link className="btn plain" to={notice.link} onClick={seen}>去看看<span className="off">：{notice.title}</span></Link>}
        {unread && <button type="button" className="btn plain" disabled={read.isPending} onClick={seen} aria-label={`标为已读：${notice.title}`}>标为已读</button>}
      </p>
    </li>
  )
}
