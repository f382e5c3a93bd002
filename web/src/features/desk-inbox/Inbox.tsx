import { useEffect, useRef, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Segmented } from 'antd'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { desk, live, type DeskTab } from '@/api'
import { DeskLight } from '@/ui/desk/DeskLight'
import { minute } from '@/ui/desk/when'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'

const tabs: { value: DeskTab; label: string; empty: string }[] = [
  { value: 'todo', label: '待我办理', empty: '现在没有等您办理的件。有新件时这里会自动出现。' },
  { value: 'waiting', label: '等待他人', empty: '没有在等申请人补正或特别程序的件。' },
  { value: 'overdue', label: '已超期', empty: '没有超期的件。' },
  { value: 'done', label: '已办结', empty: '还没有办结的件。' },
]

/** The inbox: lights first, updated by server-sent events, j/k to move, Enter to open. */
export default function Inbox() {
  const [params, setParams] = useSearchParams()
  const tab = (tabs.find((t) => t.value === params.get('tab')) ?? tabs[0]!).value
  const q = params.get('q') ?? ''
  const client = useQueryClient()
  const navigate = useNavigate()
  const list = useKeyset(['desk-cases', tab, q], (cursor) => desk.cases({ tab, q: q || undefined, cursor }))
  const [chosen, setChosen] = useState(0)
  const [connected, setConnected] = useState(true)
  const body = useRef<HTMLTableSectionElement>(null)
  const at = Math.min(chosen, Math.max(list.rows.length - 1, 0))

  useEffect(() => live(desk.stream, () => void client.invalidateQueries({ queryKey: ['desk-cases'] }), setConnected), [client])
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if (e.metaKey || e.ctrlKey || e.altKey || (e.target as HTMLElement).closest('input, textarea, select, [role=dialog], a, button')) return
      const row = list.rows[at]
      if (e.key === 'j') setChosen(Math.min(at + 1, list.rows.length - 1))
      else if (e.key === 'k') setChosen(Math.max(at - 1, 0))
      else if (e.key === 'Enter' && row) void navigate(`/desk/cases/${row.case_no}`)
      else return
      e.preventDefault()
    }
    window.addEventListener('keydown', keys)
    return () => window.removeEventListener('keydown', keys)
  }, [list.rows, at, navigate])
  useEffect(() => body.current?.children[at]?.scrollIntoView({ block: 'nearest' }), [at])

  const show = (next: DeskTab) => {
    setChosen(0)
    setParams(q ? { tab: next, q } : { tab: next })
  }
  return (
    <>
      <h1>办件</h1>
      <div className="desk-bar">
        <Segmented aria-label="分类" value={tab} onChange={show} options={tabs.map(({ value, label }) => ({ value, label }))} />
        {q && <span>查找“{q}”　<Link to={`/desk?tab=${tab}`}>清除</Link></span>}
        <span className="desk-quiet" role="status" style={{ marginLeft: 'auto' }}>{connected ? '实时更新　j 下一件　k 上一件　回车打开' : '与服务器的连接断开，正在重连，列表可能不是最新'}</span>
      </div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty={q ? `没有找到与“${q}”有关的件。请核对编号或姓名，或换一个分类。` : tabs.find((t) => t.value === tab)!.empty}>
        {list.rows.length > 0 && (
          <>
            <div className="desk-scroll">
              <table className="desk-table fold">
                <thead><tr><th scope="col">时限</th><th scope="col">办件编号</th><th scope="col">事项</th><th scope="col">申请人</th><th scope="col">部门</th><th scope="col">状态</th><th scope="col">收到</th><th scope="col">期限</th></tr></thead>
                <tbody ref={body}>
                  {list.rows.map((row, i) => (
                    <tr key={row.case_no} className={i === at ? 'link chosen' : 'link'} aria-current={i === at || undefined} onClick={() => void navigate(`/desk/cases/${row.case_no}`)}>
                      <td><DeskLight light={row.light} /></td>
                      <td className="number"><Link to={`/desk/cases/${row.case_no}`} onClick={(e) => e.stopPropagation()}>{row.case_no}</Link></td>
                      <td>{row.item_name}</td>
                      <td>{row.applicant_name}</td>
                      <td>{row.org_name}</td>
                      <td>{row.state_text}</td>
                      <td className="number">{minute(row.submitted_at)}</td>
                      <td className="number">{row.due ? minute(row.due) : '—'}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <LoadMore more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
    </>
  )
}
