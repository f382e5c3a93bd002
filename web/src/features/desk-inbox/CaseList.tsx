import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from 'react-router'
import { desk, type DeskTab } from '@/api'
import { caseTone, StatusTag } from '@/ui'
import { DeskLight } from '@/ui/desk/DeskLight'
import { pressable, taken } from '@/ui/desk/keys'
import { ListState } from '@/ui/desk/ListState'
import { oneAtATime, useDeskChange } from '@/ui/desk/live'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'
import { short } from '@/ui/desk/when'
import { arrived, follow, step } from './selection'

/** Which case was chosen in which list: going back from a case leads to it. */
const remembered = new Map<string, string>()

export function CaseList({ tab, q, empty }: { tab: DeskTab; q: string; empty: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const list = useKeyset(['desk-cases', tab, q], (cursor) => desk.cases({ tab, q: q || undefined, cursor }))
  const place = `${tab} ${q}`
  const nos = useMemo(() => list.rows.map((r) => r.case_no), [list.rows])
  const pages = list.data?.pages.length ?? 0

  const [known, setKnown] = useState<{ nos: string[]; pages: number }>({ nos: [], pages: 0 })
  const [chosen, setChosen] = useState<string | undefined>(() => remembered.get(place))
  const [fresh, setFresh] = useState<readonly string[]>([])
  const [said, setSaid] = useState('')
  if (pages > 0 && (known.pages !== pages || known.nos.join() !== nos.join())) {
    const came = known.pages === 0 ? [] : arrived(known.nos, nos, known.pages === pages)
    setKnown({ nos, pages })
    setChosen(follow(chosen, known.nos, nos))
    if (came.length > 0) {
      setFresh([...fresh, ...came])
      setSaid(`新到 ${came.length} 件：${list.rows.filter((r) => came.includes(r.case_no)).slice(0, 3).map((r) => r.item_name).join('、')}`)
    }
  }

  const changed = useMemo(() => oneAtATime(() => client.invalidateQueries({ queryKey: ['desk-cases'] })), [client])
  useDeskChange(changed)

  const body = useRef<HTMLTableSectionElement>(null)
  const row = useCallback((no?: string) => [...(body.current?.rows ?? [])].find((r) => r.dataset.no === no), [])
  const choose = useCallback((no: string) => {
    setChosen(no)
    setFresh((f) => f.filter((x) => x !== no))
    remembered.set(place, no)
  }, [place])
  const arrivedHere = pages > 0
  useEffect(() => {
    if (arrivedHere) row(remembered.get(place))?.scrollIntoView?.({ block: 'nearest' })
  }, [arrivedHere, place, row])
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if (taken(e)) return
      if (e.key === 'j' || e.key === 'k') {
        const next = step(chosen, nos, e.key === 'j' ? 1 : -1)
        if (next === undefined) return
        choose(next)
        // The focus goes with the choice, so that it is seen, heard, and Enter is the link's own.
        row(next)?.querySelector('a')?.focus({ preventScroll: true })
        row(next)?.scrollIntoView?.({ block: 'nearest' })
      } else if (e.key === 'Enter' && chosen && !pressable(e)) void navigate(`/desk/cases/${chosen}`)
      else return
      e.preventDefault()
    }
    window.addEventListener('keydown', keys)
    return () => window.removeEventListener('keydown', keys)
  }, [nos, chosen, navigate, choose, row])

  const open = (no: string) => {
    choose(no)
    void navigate(`/desk/cases/${no}`)
  }
  return (
    <>
      <p className="off" role="status">{said}</p>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty={empty}>
        {list.rows.length > 0 && (
          <>
            <table className="desk-table fold desk-inbox">
              <caption className="off">办件列表</caption>
              <thead><tr><th scope="col">时限</th><th scope="col">事项和编号</th><th scope="col">申请人</th><th scope="col">办理部门</th><th scope="col">状态</th><th scope="col">收到</th><th scope="col">期限</th></tr></thead>
              <tbody ref={body}>
                {list.rows.map((r) => (
                  <tr key={r.case_no} data-no={r.case_no} className={r.case_no === chosen ? 'link chosen' : 'link'} aria-current={r.case_no === chosen || undefined} onClick={() => open(r.case_no)}>
                    <td className="light-cell"><DeskLight light={r.light} text={r.light_text} /></td>
                    <td className="what">
                      <Link to={`/desk/cases/${r.case_no}`} onFocus={() => choose(r.case_no)} onClick={(e) => { e.stopPropagation(); choose(r.case_no) }}>{r.item_name}</Link>
                      {fresh.includes(r.case_no) && <span className="desk-new">新到</span>}
                      <span className="desk-no">{r.case_no}</span>
                    </td>
                    <td>{r.applicant_name}</td>
                    <td className="org">{r.org_name}</td>
                    <td><StatusTag tone={caseTone(r.state, r.result)}>{r.state_text}</StatusTag></td>
                    <td className="number received"><span className="fold-label">收到 </span>{short(r.submitted_at)}</td>
                    <td className="number due"><span className="fold-label">期限 </span>{r.due ? short(r.due) : '—'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <LoadMore shown={list.rows.length} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
            <p className="desk-keys" aria-hidden="true"><kbd>J</kbd> 下一件　<kbd>K</kbd> 上一件　<kbd>回车</kbd> 打开</p>
          </>
        )}
      </ListState>
    </>
  )
}
