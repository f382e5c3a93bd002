import { Segmented } from 'antd'
import { Link, useSearchParams } from 'react-router'
import type { DeskTab } from '@/api'
import { useOnline } from '@/ui'
import { useDeskLive } from '@/ui/desk/live'
import { useTitle } from '@/ui/desk/useTitle'
import { CaseList } from './CaseList'

const tabs: { value: DeskTab; label: string; empty: string }[] = [
  { value: 'todo', label: '待我办理', empty: '现在没有等您办理的件。有新件时这里会自动出现。' },
  { value: 'waiting', label: '等待他人', empty: '没有在等申请人、其他同事或特别程序的件。' },
  { value: 'overdue', label: '已超期', empty: '没有超期的件。' },
  { value: 'done', label: '已办结', empty: '还没有办结的件。' },
]

/** The inbox: lights first, kept true by the server, j and k to move, Enter to open. */
export default function Inbox() {
  const [params, setParams] = useSearchParams()
  const tab = tabs.find((t) => t.value === params.get('tab')) ?? tabs[0]!
  const q = params.get('q') ?? ''
  const online = useOnline()
  const connected = useDeskLive().connected && online
  useTitle(`办件：${tab.label}`)
  return (
    <>
      <div className="desk-head">
        <h1>办件</h1>
        <Segmented aria-label="分类" value={tab.value} onChange={(next) => setParams(q ? { tab: next, q } : { tab: next })} options={tabs.map(({ value, label }) => ({ value, label }))} />
        {q && <span className="desk-filter">查找“{q}” <Link to={`/desk?tab=${tab.value}`}>清除</Link></span>}
        <span className={connected ? 'desk-live' : 'desk-live lost'} role="status">{connected ? '实时更新' : '连接断开，正在重连，列表可能不是最新'}</span>
      </div>
      <CaseList
        key={`${tab.value} ${q}`} tab={tab.value} q={q}
        empty={q ? `“${tab.label}”里没有与“${q}”有关的件。请核对编号或姓名，或换一个分类。` : tab.empty}
      />
    </>
  )
}
